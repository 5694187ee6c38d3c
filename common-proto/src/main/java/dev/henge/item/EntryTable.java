package dev.henge.item;

import java.util.Arrays;

/**
 * The names and set elements that a writer has seen, by the scope they are in and where they stand in its buffer. Of
 * scopes that are closed nothing is asked any more, and no open scope's entries move, so nothing is ever removed.
 */
final class EntryTable {

    private static final int SLOTS_MIN = 64;

    /** Three ints a slot: scope + 1 (0 is free), start, end. */
    private int[] slots = new int[3 * SLOTS_MIN];

    private int[] hashes = new int[SLOTS_MIN];
    private int count;

    void clear() {
        if (count == 0) {
            return;
        }
        if (hashes.length > 16 * SLOTS_MIN) {
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
        int hash = scope;
        for (int index = start; index < end; index++) {
            hash = 31 * hash + buffer[index];
        }
        // Spreads what 31 leaves in the high bits over the low ones that choose the slot.
        hash *= 0x9E3779B1;
        return hash ^ (hash >>> 15);
    }
}
