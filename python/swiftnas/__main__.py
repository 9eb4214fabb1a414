"""``python -m swiftnas``: the command line."""

from swiftnas.command_line import main

if __name__ == "__main__":
    main()
