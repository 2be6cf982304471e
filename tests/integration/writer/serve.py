"""Serves the API of a test's market until it is killed: DATABASE_URL FOLDER PORT."""

import sys
from pathlib import Path

import uvicorn

from market.api.app import create_app
from market.db.session import create_engine
from tests.integration.writer.grid import runtime_for

if __name__ == "__main__":
    url, folder, port = sys.argv[1:]
    runtime = runtime_for(create_engine(url), Path(folder), writer_url=f"http://127.0.0.1:{port}")
    uvicorn.run(create_app(runtime), host="127.0.0.1", port=int(port), log_level="warning", access_log=False)
