package dev.henge.item;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The names and set elements that a writer has seen, by the scope they are in and where they stand in its buffer. Of
 * scopes that are closed nothing is asked any more, and no open scope's entries move, so nothing is ever removed.
 */
final class EntryTable {

    private static final int SLOTS_MIN = 64;
    /** A table that has grown beyond this is given up when cleared. */
    private static final int SLOTS_KEPT_MAX = 1024;

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** Keeps a client from choosing names that all hash alike; no outcome depends on it. */
    private static final long SECRET = new SplittableRandom().nextLong();

    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    /** Three ints a slot: scope + 1 (0 is free), start, end. */
    private int[] slots = new int[3 * SLOTS_MIN];

    private int[] hashes = new int[SLOTS_MIN];
    private int count;

    void clear() {
        if (count == 0) {
            return;
        }
        if (hashes.length > SLOTS_KEPT_MAX) {
            slots = new int[3 * SLOTS_MIN];
            hashes = new int[SLOTS_MIN];
        } else {
            Arrays.fill(slots, 0);
        }
        count = 0;
    }

    /** Adds the entry at [start, end) of the buffer; false when the scope has an equal one already. */
    boolean add(byte[] buffer, int start, int end, int scope) {
        if (count >= hashes.length / 2) {
            grow();
        }
        int hash = hash(buffer, start, end, scope);
        int slot = hash & (hashes.length - 1);
        while (slots[3 * slot] != 0) {
            if (hashes[slot] == hash
                    && slots[3 * slot] == scope + 1
                    && Arrays.equals(buffer, slots[3 * slot + 1], slots[3 * slot + 2], buffer, start, end)) {
                return false;
            }
            slot = (slot + 1) & (hashes.length - 1);
        }
        place(slot, hash, scope + 1, start, end);
        count++;
        return true;
    }

    private void place(int slot, int hash, int scopeMark, int start, int end) {
        hashes[slot] = hash;
        slots[3 * slot] = scopeMark;
        slots[3 * slot + 1] = start;
        slots[3 * slot + 2] = end;
    }

    private void grow() {
        int[] oldSlots = slots;
        int[] oldHashes = hashes;
        hashes = new int[2 * oldHashes.length];
        slots = new int[3 * hashes.length];
        for (int old = 0; old < oldHashes.length; old++) {
            if (oldSlots[3 * old] == 0) {
                continue;
            }
            int slot = oldHashes[old] & (hashes.length - 1);
            while (slots[3 * slot] != 0) {
                slot = (slot + 1) & (hashes.length - 1);
            }
            place(slot, oldHashes[old], oldSlots[3 * old], oldSlots[3 * old + 1], oldSlots[3 * old + 2]);
        }
    }

    private static int hash(byte[] buffer, int start, int end, int scope) {
        long hash = mix(SECRET ^ (((long) scope << 32) | (end - start)));
        int index = start;
        for (; index <= end - Long.BYTES; index += Long.BYTES) {
            hash = mix(hash ^ (long) WORD.get(buffer, index));
        }
        long rest = 0;
        for (; index < end; index++) {
            rest = (rest << Byte.SIZE) | (buffer[index] & 0xFF);
        }
        return (int) mix(hash ^ rest);
    }

    private static long mix(long value) {
        return (value * MULTIPLIER) ^ Math.unsignedMultiplyHigh(value, MULTIPLIER);
    }
}
