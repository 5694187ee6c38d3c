package dev.henge.node.storage;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable ordered map of byte keys: a treap whose priorities are hashes of the keys, so its shape depends on what is
 * in it alone. A change makes a new tree that shares most nodes with the old one; an old root is a snapshot for free.
 * Null is the empty tree.
 */
record PersistentTree(
        byte[] key,
        byte[] value,
        int priority,
        @Nullable PersistentTree left,
        @Nullable PersistentTree right) {

    private record Parts(
            @Nullable PersistentTree below, @Nullable PersistentTree rest) {}

    static byte @Nullable [] get(@Nullable PersistentTree root, byte[] key) {
        PersistentTree tree = root;
        while (tree != null) {
            int order = Arrays.compareUnsigned(key, tree.key);
            if (order == 0) {
                return tree.value;
            }
            tree = order < 0 ? tree.left : tree.right;
        }
        return null;
    }

    static PersistentTree put(@Nullable PersistentTree root, byte[] key, byte[] value) {
        Parts parts = split(root, key);
        PersistentTree above = parts.rest == null ? null : split(parts.rest, justAfter(key)).rest;
        PersistentTree entry = new PersistentTree(key, value, priority(key), null, null);
        PersistentTree joined = join(join(parts.below, entry), above);
        return joined == null ? entry : joined;
    }

    /** Without the keys of {@code [start, end)}. */
    static @Nullable PersistentTree deleteRange(@Nullable PersistentTree root, byte[] start, byte[] end) {
        if (Arrays.compareUnsigned(start, end) >= 0) {
            return root;
        }
        Parts parts = split(root, start);
        return join(parts.below, split(parts.rest, end).rest);
    }

    static @Nullable PersistentTree delete(@Nullable PersistentTree root, byte[] key) {
        return deleteRange(root, key, justAfter(key));
    }

    /** The entry with the least key that is at least {@code key}. */
    static @Nullable PersistentTree ceiling(@Nullable PersistentTree root, byte[] key) {
        PersistentTree tree = root;
        PersistentTree best = null;
        while (tree != null) {
            if (Arrays.compareUnsigned(tree.key, key) >= 0) {
                best = tree;
                tree = tree.left;
            } else {
                tree = tree.right;
            }
        }
        return best;
    }

    /** The entry with the greatest key below {@code key}. */
    static @Nullable PersistentTree lower(@Nullable PersistentTree root, byte[] key) {
        PersistentTree tree = root;
        PersistentTree best = null;
        while (tree != null) {
            if (Arrays.compareUnsigned(tree.key, key) < 0) {
                best = tree;
                tree = tree.right;
            } else {
                tree = tree.left;
            }
        }
        return best;
    }

    /** The least key above this one. */
    static byte[] justAfter(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }

    /** Bytes of all keys and values. */
    static long sizeBytes(@Nullable PersistentTree tree) {
        return tree == null ? 0 : tree.key.length + tree.value.length + sizeBytes(tree.left) + sizeBytes(tree.right);
    }

    /** Bytes of the keys of {@code [start, end)} and their values. */
    static long sizeBytes(@Nullable PersistentTree tree, byte[] start, byte[] end) {
        if (tree == null) {
            return 0;
        }
        if (Arrays.compareUnsigned(tree.key, start) < 0) {
            return sizeBytes(tree.right, start, end);
        }
        if (Arrays.compareUnsigned(tree.key, end) >= 0) {
            return sizeBytes(tree.left, start, end);
        }
        return tree.key.length
                + tree.value.length
                + sizeBytes(tree.left, start, end)
                + sizeBytes(tree.right, start, end);
    }

    private static Parts split(@Nullable PersistentTree tree, byte[] key) {
        if (tree == null) {
            return new Parts(null, null);
        }
        if (Arrays.compareUnsigned(tree.key, key) < 0) {
            Parts parts = split(tree.right, key);
            return new Parts(
                    new PersistentTree(tree.key, tree.value, tree.priority, tree.left, parts.below), parts.rest);
        }
        Parts parts = split(tree.left, key);
        return new Parts(parts.below, new PersistentTree(tree.key, tree.value, tree.priority, parts.rest, tree.right));
    }

    /** Joins two trees; every key of the first is below every key of the second. */
    private static @Nullable PersistentTree join(@Nullable PersistentTree low, @Nullable PersistentTree high) {
        if (low == null) {
            return high;
        }
        if (high == null) {
            return low;
        }
        if (low.priority >= high.priority) {
            return new PersistentTree(low.key, low.value, low.priority, low.left, join(low.right, high));
        }
        return new PersistentTree(high.key, high.value, high.priority, join(low, high.left), high.right);
    }

    /** Well mixed (the finalizer of MurmurHash3), or keys that count up would make a list of the tree. */
    private static int priority(byte[] key) {
        int hash = Arrays.hashCode(key);
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return hash ^ (hash >>> 16);
    }
}
