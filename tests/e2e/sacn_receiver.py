"""Prints what python's sacn library hears: PORT UNIVERSE… → a line of JSON for each packet."""

import json
import sys
import threading

import sacn

port, *universes = map(int, sys.argv[1:])
receiver = sacn.sACNreceiver(bind_address="127.0.0.1", bind_port=port)
receiver.start()


def heard(packet):
    print(
        json.dumps(
            {
                "universe": packet.universe,
                "priority": packet.priority,
                "source": packet.sourceName,
                "data": list(packet.dmxData),
            }
        ),
        flush=True,
    )


for universe in universes:
    receiver.register_listener("universe", heard, universe=universe)
print("listening", flush=True)
threading.Event().wait()
