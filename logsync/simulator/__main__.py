"""`python -m logsync.simulator`: serve a space until interrupted."""

from argparse import ArgumentParser

from logsync.simulator.serving.command import add_arguments, run

parser = ArgumentParser(prog="python -m logsync.simulator", description="A SignalWire space on loopback.")
add_arguments(parser)
run(parser.parse_args())
