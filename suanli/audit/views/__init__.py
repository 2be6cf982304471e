"""The contracts' views beside the auditor's books, one module for each contract."""
