package dev.henge.node.replication;

/** A queue of pairs of numbers, without an object per element. */
final class PairQueue {

    private long[] keys = new long[8];
    private long[] values = new long[8];
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    void add(long key, long value) {
        if (size == keys.length) {
            grow();
        }
        int slot = slot(size);
        keys[slot] = key;
        values[slot] = value;
        size++;
    }

    /** Key of the oldest pair. */
    long key() {
        return keys[head];
    }

    /** Value of the oldest pair. */
    long value() {
        return values[head];
    }

    void remove() {
        head = (head + 1) & (keys.length - 1);
        size--;
    }

    void clear() {
        head = 0;
        size = 0;
    }

    /** Lowers all values above {@code bound} to it. The values must not shrink from the oldest to the newest. */
    void lowerValuesTo(long bound) {
        for (int i = size - 1; i >= 0 && values[slot(i)] > bound; i--) {
            values[slot(i)] = bound;
        }
    }

    private int slot(int position) {
        return (head + position) & (keys.length - 1);
    }

    private void grow() {
        long[] widerKeys = new long[keys.length * 2];
        long[] widerValues = new long[keys.length * 2];
        for (int i = 0; i < size; i++) {
            widerKeys[i] = keys[slot(i)];
            widerValues[i] = values[slot(i)];
        }
        keys = widerKeys;
        values = widerValues;
        head = 0;
    }
}
