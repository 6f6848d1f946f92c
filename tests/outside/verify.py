#!/usr/bin/env python3
"""Checks an exported log or a bundle of the case journey ledger with nothing but the Python standard library.

Written from docs/ledger-format.md alone, which shows that the page is enough. It prints what it has checked; the exit
code is 0, or 1 with the first thing that is wrong: python3 verify.py FILE [--checkpoint KEPT] [--key VKEY]
"""
import argparse, base64, hashlib, json, sys, unicodedata

class Wrong(ValueError): """What is wrong, and where."""
def need(condition, what):
    if not condition:
        raise Wrong(what)
def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

# Ed25519, RFC 8032 section 5.1.7 (verification only; nothing here is secret)
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def point(raw):
    value = int.from_bytes(raw, "little")
    y, sign = value & ((1 << 255) - 1), value >> 255
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)
def times(number, p):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, p)
        p, number = add(p, p), number >> 1
    return total
def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0

BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def ed25519(public, message, signature):
    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER or same(times(8, a), (0, 1, 1, 0)):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return same(times(s, BASE), add(r, times(k, a)))

def key(text):
    """Name and public key of a C2SP verifier key."""
    name, key_hash, body = text.split("+", 2)
    raw = base64.b64decode(body, validate=True)
    need(len(raw) == 33 and raw[0] == 1, f"{name}: no Ed25519 verifier key")
    need(sha(name.encode(), b"\n", raw)[:4].hex() == key_hash, f"{name}: the key's hash is another one")
    return name, raw[1:]

def signers(note, keys):
    """The text of a note and the keys that signed it; a line that names a key and does not verify voids it."""
    text, _, block = note.rpartition("\n\n")
    text, signed = text + "\n", []
    for line in block.strip("\n").split("\n"):
        need(line.startswith("\u2014 "), "a signature line of a note")
        name, body = line[2:].split(" ")
        raw = base64.b64decode(body, validate=True)
        for vkey in keys:
            known, public = key(vkey)
            if known == name and bytes.fromhex(vkey.split("+")[1]) == raw[:4]:
                need(ed25519(public, text.encode(), raw[4:]), f"the signature of {name} does not verify")
                signed.append(vkey)
    return text, signed

def root_of(leaves):
    """The root of RFC 6962 section 2.1 over leaf hashes, by a stack of complete subtrees."""
    stack = []
    for leaf in leaves:
        height = 0
        while stack and stack[-1][0] == height:
            leaf, height = sha(b"\x01", stack.pop()[1], leaf), height + 1
        stack.append((height, leaf))
    need(stack, "a log has at least one event")
    root = stack.pop()[1]
    while stack:
        root = sha(b"\x01", stack.pop()[1], root)
    return root

def root_by_proof(leaf, index, size, proof):
    need(0 <= index < size, "an index beyond the tree")
    if size == 1:
        need(not proof, "a proof is too long")
        return leaf
    need(proof, "a proof is too short")
    split = 1 << ((size - 1).bit_length() - 1)
    if index < split:
        return sha(b"\x01", root_by_proof(leaf, index, split, proof[:-1]), proof[-1])
    return sha(b"\x01", proof[-1], root_by_proof(leaf, index - split, size - split, proof[:-1]))
def hashes(texts):
    return [base64.b64decode(text, validate=True) for text in texts]

def write(value, depth=0):  # canonical JSON, section 4
    need(depth <= 16, "nested deeper than 16")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        need(abs(value) < 2**53, "an integer beyond 2^53")
        return str(value)
    if isinstance(value, str):
        need(unicodedata.normalize("NFC", value) == value and "\0" not in value, "text not in NFC, or with U+0000")
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(write(item, depth + 1) for item in value) + "]"
    need(isinstance(value, dict), "null, or a number that is no integer")
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(write(name) + ":" + write(value[name], depth + 1) for name in names) + "}"

def canonical(text):
    # json reads, write() writes again: only the one canonical form comes out as it went in (a repeated key does not).
    value = json.loads(text)
    need(write(value) == text, "not in canonical form")
    return value

def commitment(line, name, label, salt_name):
    if name in line:
        canonical(line[name])
        return sha(label, bytes.fromhex(line[salt_name]), line[name].encode())
    return bytes.fromhex(line[name + "_commitment"])

def boxes(container):
    need(container[:2] == b"\x01\x01" and container[2], "a sealed container of version 1, algorithm 1")
    roots, rest = [], container[3:]
    for _ in range(container[2]):
        length = int.from_bytes(rest[72:76], "big")
        need(len(rest) >= 76 + length and length >= 16, "a sealed box is cut")
        roots.append(rest[16:48])
        rest = rest[76 + length:]
    need(not rest, "something follows the last sealed box")
    return roots

def leaf_hash(line):  # sections 5 and 6
    if "recorded_at" not in line:
        need(set(line) <= {"position", "leaf_hash", "proof"}, "a disposed event says more than it can")
        return bytes.fromhex(line["leaf_hash"])
    need(line["leaf_format"] == 1, "leaf format 1")
    container = base64.b64decode(line["sealed"], validate=True) if "sealed" in line else b""
    roots = boxes(container) if container else []
    sealed = sha(b"CL1SEALD", container) if container else bytes.fromhex(line.get("sealed_hash", "00" * 32))
    leaf = sha(b"\x00", (1).to_bytes(2, "big"), int(line["recorded_at"]).to_bytes(8, "big", signed=True),
               commitment(line, "envelope", b"CL1ENVLP", "envelope_salt"),
               commitment(line, "facts", b"CL1FACTS", "facts_salt"), sealed)
    need(leaf.hex() == line["leaf_hash"], "what is disclosed does not lead to the leaf hash")
    for field in line.get("fields", []):
        name = field["name"].encode()
        data = sha(b"CL1FIELD", bytes.fromhex(field["salt"]), len(name).to_bytes(2, "big"), name, field["text"].encode())
        root = root_by_proof(sha(b"\x00", data), field["index"], field["of"], hashes(field["proof"]))
        need(root in roots, f"the field {field['name']!r} does not lead to a sealed box")
    return leaf

# the system stream: sections 9, 10 and 14
class System:
    """Keys of the log, and which rows were disposed of by right."""
    def __init__(self):
        self.ledger = self.stream = None
        self.keys, self.origins, self.officers, self.used = [], [], [], set()
        self.authorised, self.disposed, self.rosters, self.holds = {}, {}, {}, {}
    def request(self, note, action, **fields):
        text, signed = signers(note, self.officers)
        lines = text.rstrip("\n").split("\n")
        said = dict(line.split(": ", 1) for line in lines[1:])
        of_record = action in ("dispose", "destroy-key", "lift-hold") and "particulars" in said
        need(lines[0] == f"caseledger request {2 if of_record else 1}" and said["action"] == action, f"a request to {action}")
        need(not of_record or len(base64.b64decode(said["particulars"], validate=True)) == 32, "the commitment to a record")
        need(said["ledger"] == self.ledger and said["request"] not in self.used, "a request of this ledger, used once")
        need(len(signed) >= 2 and len({key(vkey)[0] for vkey in signed}) == len(signed), "two different officers")
        need(all(said[name.replace("_", "-")] == str(value) for name, value in fields.items()), "what was asked for")
        self.used.add(said["request"])
    def event(self, position, envelope, facts):
        said, kind = facts["details"], envelope["kind"]
        if kind == "ledger_opened":
            need(position == 1, "the genesis is the first event")
            self.ledger, self.stream = said["ledger"], envelope["stream"]
            self.keys, self.origins = list(said["public_keys"]), [said["origin"]]
        if envelope["stream"] != self.stream:
            return
        if kind == "log_key_registered":
            before = self.keys[-1] if self.keys else None
            text = f"caseledger log key 1\nledger: {self.ledger}\nprevious: {before or 'none'}\nkey: {said['key']}\n"
            for vkey, name in [(said["key"], "signature_new")] + ([(before, "signature_previous")] if before else []):
                need(ed25519(key(vkey)[1], text.encode(), base64.b64decode(said[name])), "both keys sign a new key")
            self.keys.append(said["key"])
        elif kind in ("officer_key_registered", "officer_key_revoked"):
            new = kind == "officer_key_registered"
            if "request" in said or len(self.officers) >= 2 or not new:
                self.request(said["request"], "register-officer" if new else "revoke-officer", key=said["key"])
            (self.officers.append if new else self.officers.remove)(said["key"])
        elif kind == "disposal_authorised":
            self.request(said["request"], "dispose", stream=said["stream"], up_to=said["up_to"], rule=said["rule"])
            need(said["stream"] not in self.holds.values(), "no legal hold stands on a record that is disposed of")
            self.authorised[envelope["event_id"]] = said
        elif kind == "legal_hold_placed":
            self.holds[envelope["event_id"]] = said["stream"]
        elif kind == "legal_hold_lifted":
            self.request(said["request"], "lift-hold", stream=said["stream"], hold=said["hold"])
            need(self.holds.pop(said["hold"], None) == said["stream"], "a hold that stands is lifted")
        elif kind == "key_destroyed":
            need(said["subject"] not in self.holds.values(), "no legal hold stands on a record whose key is destroyed")
            if not any((by["request"], by["stream"]) == (said["request"], said["subject"]) for by in self.authorised.values()):
                self.request(said["request"], "destroy-key", stream=said["subject"])
        elif kind == "record_disposed":
            by = self.authorised[said["authorisation"]]
            need(by["stream"] == said["stream"], "a disposal is of the stream that was authorised")
            for held in said["positions"]:
                need(held["last"] <= by["up_to"], "a disposal goes no further than authorised")
                need(any(r["first"] <= held["first"] and held["last"] <= r["last"] for r in by.get("positions", [held])), "only what was authorised")
                self.disposed.update((p, said["stream"]) for p in range(held["first"], held["last"] + 1))
        elif kind == "epoch_opened":
            self.request(said["request"], "open-epoch", head_size=said["size_found"])
            self.origins.append(said["origin"])
        elif kind == "roster_recorded":
            self.rosters[position] = said

def check(path, kept, trusted):
    lines = open(path, encoding="utf-8", newline="\n").read().split("\n")
    need(len(lines) > 2 and lines[-1] == "", "the file was cut short")
    top, *events, last = [json.loads(line) for line in lines[:-1]]
    rosters = [event["roster"] for event in events if "roster" in event]
    events = [event for event in events if "roster" not in event]
    need(set(last) == {"events"} and last["events"] == len(events), "the file was cut short, or its last line is wrong")
    whole, size, root = "export" in top, top["tree_size"], base64.b64decode(top["root"], validate=True)
    need((top.get("export"), top.get("bundle")) in [(1, None), (None, 1)], "an exported log or a bundle of format 1")
    lines = events if whole else [top["genesis"]] + events
    system, leaves, ends, before, time = System(), [], {}, 0, -(2**63)
    emptied, gaps, live = {}, [], []
    for line in lines:
        position = line["position"]
        need(position == before + 1 if whole else before < position <= size, f"position {position} after {before}")
        try:
            leaf = leaf_hash(line)
            if not whole:
                proof = hashes(line["proof"])
                need(root_by_proof(leaf, position - 1, size, proof) == root, "the proof does not lead to the root")
            need(int(line.get("recorded_at", time)) >= time, "recorded before the event that stands before it")
            if "envelope" in line:
                envelope = json.loads(line["envelope"])
                stream, revision = envelope["stream"], envelope["revision"]
                if whole or stream == top["stream"]:
                    gaps.append((position, stream, revision - ends.get(stream, (0,))[0] - 1))
                    ends[stream] = (revision, leaf)
                    live.append((position, stream, revision, leaf))
                if envelope["category"] == 7 and "facts" in line:
                    system.event(position, envelope, json.loads(line["facts"]))
        except (KeyError, ValueError) as fault:
            raise Wrong(f"position {position}: {fault}") from fault
        if "recorded_at" not in line:
            emptied[position] = leaf
        leaves.append(leaf)
        before, time = position, int(line.get("recorded_at", time))
    for position in emptied:
        need(position in system.disposed, f"position {position}: it is empty and two officers did not sign for it")
    skipped = {}
    for position, stream, gap in gaps:
        skipped[stream] = skipped.get(stream, 0) + gap
        by_right = sum(1 for p, of in system.disposed.items() if of == stream and p < position)
        need(gap == 0 or gap > 0 and (skipped[stream] == by_right or not whole), f"position {position}: revisions of {stream} are missing")
    if whole:
        need(len(leaves) == size and root_of(leaves) == root, "the events do not lead to the root")
        need(top["genesis"]["leaf_hash"] == leaves[0].hex(), "the genesis of the first line is the first event")
    need(top["log_origin"] == system.origins[-1], "the origin is that of the log")
    print(f"{len(events)} events of {len(ends)} streams lead to the root of size {size}: {top['root']}")
    for name, note in [("the file", top.get("checkpoint"))] + kept:
        if note is None:
            print("unsigned: compare the root with one that you kept")
            continue
        text, signed = signers(note, trusted or system.keys)
        origin, signed_size, signed_root = text.split("\n")[:3]
        need(signed and origin in system.origins, f"the checkpoint of {name} is signed by a key of this log")
        need(int(signed_size) <= size, f"the checkpoint of {name} reaches further than the log")
        if whole or int(signed_size) == size:
            found = root_of(leaves[:int(signed_size)]) if whole else root
            need(base64.b64decode(signed_root) == found, f"the checkpoint of {name} has another root")
            print(f"the checkpoint of {name} is signed and agrees")
    for roster in rosters:
        said = system.rosters[roster["position"]]
        stream, revision, leaf = roster["stream"], roster["revision"], bytes.fromhex(roster["leaf_hash"])
        data = b"CL1ROSTR" + bytes.fromhex(stream.replace("-", "")) + revision.to_bytes(4, "big") + leaf
        found = root_by_proof(sha(b"\x00", data), roster["index"], roster["of"], hashes(roster["proof"]))
        need(said["streams"] == roster["of"] and base64.b64decode(said["root"]) == found, "the roster line does not lead to the roster")
        held = [item for item in live if item[1] == stream and item[0] <= said["up_to"]]
        gone = [p for p, of in system.disposed.items() if of == stream and p <= said["up_to"]]
        need(stream == top["stream"] and len(held) + len(gone) == revision, "revisions that the roster knows are missing")
        need(leaf in [item[3] for item in held] + list(emptied.values()), "the event that ends the stream is missing")
        print(f"stream {stream} is complete up to position {said['up_to']}: revisions 1 to {revision}")

def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file")
    arguments.add_argument("--checkpoint", action="append", default=[])
    arguments.add_argument("--key", action="append", default=[])
    try:
        given = arguments.parse_args()
        kept = [(name, open(name, encoding="utf-8").read()) for name in given.checkpoint]
        check(given.file, kept, given.key)
    except (KeyError, ValueError, OSError) as fault:
        sys.exit(f"NOT OK: {fault}")
    print("OK")

if __name__ == "__main__":
    main()
