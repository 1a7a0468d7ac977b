"""Puts what a program measured between two marks of a page, or prints it."""

import argparse
import pathlib


def main(description, events, marks, section):
    """The command line PROGRAM [--events N] [--write PAGE]; section(program, events) yields lines, marks included."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--events", type=int, default=events)
    parser.add_argument("--write", type=pathlib.Path)
    arguments = parser.parse_args()
    text = "\n".join(section(arguments.program, arguments.events))
    if arguments.write is None:
        print(text)
        return
    whole = arguments.write.read_text()
    begin, end = whole.index(marks[0]), whole.index(marks[1]) + len(marks[1])
    arguments.write.write_text(whole[:begin] + text + whole[end:])
