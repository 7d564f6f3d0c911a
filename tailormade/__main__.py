"""``python -m tailormade``: the command."""

from tailormade.cli import main

if __name__ == "__main__":
    main()
