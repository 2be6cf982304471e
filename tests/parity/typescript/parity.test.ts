// Holds viem, an independent implementation, against the vectors that the Python wrote.
// Run by `node --import tsx --test`; must not import anything that Python computed except the vectors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  compactSignatureToSignature, concat, domainSeparator, encodeAbiParameters, encodePacked, getAddress, hashStruct,
  hashTypedData, type Hex, keccak256, parseCompactSignature, recoverAddress, serializeSignature, stringToHex,
} from "viem";
import { domain as names, messages, types } from "../../../webapp/src/protocol/messages.js";
import { basisPoints, dimensions, microAtomsPerAtom, urnKinds } from "../../../webapp/src/protocol/units.js";

type TypeName = keyof typeof types;
const vectors = JSON.parse(readFileSync(new URL("../vectors.json", import.meta.url), "utf8"));
const domain = { ...names, chainId: vectors.domain.chainId, verifyingContract: vectors.domain.ledger };

function referred(name: TypeName): TypeName[] {
  const direct = types[name].map((field): string => field.type).filter((type): type is TypeName => type in types);
  return [...new Set(direct.flatMap((inner) => [inner, ...referred(inner)]))].sort();
}

function encodeType(name: TypeName): string {
  const one = (each: TypeName) => `${each}(${types[each].map((field) => `${field.type} ${field.name}`).join(",")})`;
  return [name, ...referred(name)].map(one).join("");
}

const pair = (left: Hex, right: Hex) => keccak256(concat(left < right ? [left, right] : [right, left]));
const leaf = (index: number, hash: Hex) =>
  keccak256(keccak256(encodeAbiParameters([{ type: "uint32" }, { type: "bytes32" }], [index, hash])));

function root(layer: Hex[]): Hex {
  if (layer.length === 1) return layer[0];
  const above: Hex[] = [];
  for (let at = 0; at < layer.length; at += 2) {
    above.push(at + 1 < layer.length ? pair(layer[at], layer[at + 1]) : layer[at]);
  }
  return root(above);
}

type Task = [buyer: Hex, node: Hex, amount: string, receipt: Hex, serial: string];

function pack(epoch: bigint, payees: Record<Hex, Hex>, tasks: Task[]): Hex {
  const small = (address: Hex) => address.toLowerCase() as Hex;
  const table = (addresses: Hex[]) => [...new Set(addresses.map(small))].sort();
  const [buyers, nodes] = [table(tasks.map((task) => task[0])), table(tasks.map((task) => task[1]))];
  const owner = Object.fromEntries(Object.entries(payees).map(([node, payee]) => [small(node as Hex), small(payee)]));
  const owners = table(nodes.map((node) => owner[node]));
  const words = nodes.map((node) => {
    const own = tasks.filter((task) => small(task[1]) === node).map((task) => BigInt(task[4]) / 256n);
    const [first, last] = own.reduce(([low, high], one) => [one < low ? one : low, one > high ? one : high], [own[0], own[0]]);
    return { first, count: Number(last - first) + 1 };
  });
  const body = nodes.flatMap((node, at) => Array.from({ length: words[at].count }, (_, place) => {
    const own = tasks
      .map(([buyer, its, amount, receipt, serial]) => ({ buyer, its: small(its), amount, receipt, serial: BigInt(serial) }))
      .filter((task) => task.its === node && task.serial / 256n === words[at].first + BigInt(place))
      .sort((left, right) => (left.serial < right.serial ? -1 : 1));
    const mask = own.reduce((bits, task) => bits | (1n << task.serial % 256n), 0n);
    const rows = own.map((task) => encodePacked(["uint8", "uint64", "bytes16"], [
      buyers.indexOf(small(task.buyer)), BigInt(task.amount), task.receipt.slice(0, 34) as Hex,
    ]));
    return concat([encodePacked(["uint256"], [mask]), ...rows]);
  }));
  return concat([
    encodePacked(["uint64", "uint8", "uint8", "uint8"], [epoch, buyers.length, owners.length, nodes.length]),
    ...buyers,
    ...owners,
    ...nodes.map((node, at) => encodePacked(["address", "uint8", "uint56", "uint8"], [
      node, owners.indexOf(owner[node]), words[at].first as any, words[at].count,
    ])),
    ...body,
  ]);
}

test("the domain separator is the same", () => {
  assert.equal(domainSeparator({ domain }), vectors.domain.separator);
});

test("every message has vectors", () => {
  assert.deepEqual([...new Set(vectors.messages.map((one: any) => one.name))], [...messages]);
});

for (const [number, one] of vectors.messages.entries()) {
  test(`${one.name} ${number}: type string, struct hash, digest and signer are the same`, async () => {
    const typed = { types: types as any, primaryType: one.name };
    assert.equal(encodeType(one.name), one.typeString);
    assert.equal(keccak256(stringToHex(encodeType(one.name))), one.typeHash);
    assert.equal(hashStruct({ ...typed, data: one.value }), one.structHash);
    assert.equal(hashTypedData({ ...typed, domain, message: one.value }), one.digest);
    const signature = serializeSignature(compactSignatureToSignature(parseCompactSignature(one.signature)));
    assert.equal(await recoverAddress({ hash: one.digest, signature }), one.signer);
  });
}

for (const [number, one] of vectors.batches.entries()) {
  test(`batch ${number}: packing, hash, payments and fee are the same`, () => {
    assert.equal(pack(BigInt(one.epoch), one.payees, one.tasks), one.packed);
    assert.equal(keccak256(one.packed), one.hash);
    const data = { epoch: BigInt(one.epoch), batch: one.hash };
    assert.equal(hashStruct({ types: types as any, primaryType: "Netting", data }), one.id);
    const [paid, earned, fee] = [new Map<string, bigint>(), new Map<string, bigint>(), { sum: 0n }];
    for (const [buyer, node, amount] of one.tasks) {
      const part = (BigInt(amount) * BigInt(one.feeBasisPoints)) / basisPoints;
      paid.set(buyer, (paid.get(buyer) ?? 0n) + BigInt(amount));
      earned.set(node, (earned.get(node) ?? 0n) + BigInt(amount) - part);
      fee.sum += part;
    }
    const digits = (sums: Map<string, bigint>) => Object.fromEntries([...sums].map(([key, sum]) => [key, String(sum)]));
    assert.deepEqual([digits(paid), digits(earned), String(fee.sum)], [one.paid, one.earned, one.fee]);
  });
}

for (const one of vectors.trees) {
  test(`tree of ${one.hashes.length}: root and proofs are the same`, () => {
    const leaves = one.hashes.map((hash: Hex, index: number) => leaf(index, hash));
    assert.equal(root(leaves), one.root);
    one.proofs.forEach((proof: Hex[], index: number) => assert.equal(proof.reduce(pair, leaves[index]), one.root));
  });
}

for (const [number, one] of vectors.charges.entries()) {
  test(`charge ${number}: lines and amount are the same`, () => {
    const up = (over: bigint, under: bigint) => (over + under - 1n) / under;
    const lines = dimensions.map(({ name, size }) => up(BigInt(one.prices[name]) * BigInt(one.usage[name]), size));
    const sum = up(lines.reduce((left, right) => left + right, 0n), microAtomsPerAtom);
    const amount = sum > BigInt(one.minimum) ? sum : BigInt(one.minimum);
    assert.deepEqual([lines.map(String), String(amount)], [one.lines, one.amount]);
  });
}

test("urns are the same for every kind", () => {
  assert.deepEqual(vectors.urns.map((one: any) => one.kind), [...urnKinds]);
  for (const { chainId, kind, value, index, urn } of vectors.urns) {
    const id = value.length === 42 ? getAddress(value) : value;
    assert.equal(`urn:suanli:${chainId}:${kind}:${id}${index === null ? "" : `:${index}`}`, urn);
  }
});
