package dev.henge.node.log;

import java.util.Arrays;

/** A map from ascending keys to values that grows at its end and shrinks at both; 16 bytes a pair. */
final class PairLog {

    private long[] keys = new long[8];
    private long[] values = new long[8];
    private int head;
    private int size;

    int size() {
        return size;
    }

    long key(int at) {
        return keys[head + at];
    }

    long value(int at) {
        return values[head + at];
    }

    /** Adds a pair whose key is above all others. */
    void add(long key, long value) {
        if (head + size == keys.length) {
            makeRoom();
        }
        keys[head + size] = key;
        values[head + size] = value;
        size++;
    }

    /** Place of the greatest key that is at most {@code key}, -1 when there is none. */
    int floor(long key) {
        int found = Arrays.binarySearch(keys, head, head + size, key);
        return (found >= 0 ? found : -found - 2) - head;
    }

    /** Drops the pairs with this key and above. */
    void truncateFrom(long key) {
        while (size > 0 && keys[head + size - 1] >= key) {
            size--;
        }
    }

    /** Drops the pairs before the one at {@link #floor}. */
    void dropBeforeFloor(long key) {
        int floor = floor(key);
        if (floor > 0) {
            head += floor;
            size -= floor;
        }
    }

    void clear() {
        keys = new long[8];
        values = new long[8];
        head = 0;
        size = 0;
    }

    private void makeRoom() {
        // Moves to the front when at least half is free there, which also lets a long log's memory shrink again.
        int capacity = Math.max(8, size * 2);
        keys = Arrays.copyOf(Arrays.copyOfRange(keys, head, head + size), capacity);
        values = Arrays.copyOf(Arrays.copyOfRange(values, head, head + size), capacity);
        head = 0;
    }
}
