"""`python -m suanli` is the command `suanli`."""

from suanli.cli import main

if __name__ == "__main__":
    main()
