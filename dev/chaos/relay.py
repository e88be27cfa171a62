"""python -m dev.chaos.relay LISTEN TARGET PORT ...: pass ports of one address on to those of another.

A connection to LISTEN:PORT becomes one to TARGET:PORT. Nothing in it is changed. It runs until it is killed.
"""

import asyncio
import contextlib
import sys
from functools import partial

BYTES = 65_536


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
	with contextlib.suppress(OSError):
		while piece := await reader.read(BYTES):
			writer.write(piece)
			await writer.drain()
	writer.close()


async def connected(
	target: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
	try:
		there, onward = await asyncio.open_connection(target, port)
	except OSError:
		writer.close()
		return
	await asyncio.gather(pass_on(reader, onward), pass_on(there, writer))


async def relay(listen: str, target: str, ports: list[int]) -> None:
	servers = [await asyncio.start_server(partial(connected, target, port), listen, port) for port in ports]
	await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
	asyncio.run(relay(sys.argv[1], sys.argv[2], list(map(int, sys.argv[3:]))))
