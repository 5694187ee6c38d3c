package dev.henge.bench;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** The tables' names, and the parts of their items. */
final class Items {
    /** The name of the plain table, with which those of the others begin. */
    static final String TABLE = "henge-bench";

    static final String KEY = "pk";
    static final String SORT_KEY = "sk";
    static final String RANK = "rank";
    static final String COUNTER = "visits";
    static final String DATA = "data";

    /** How DynamoDB counts an item: names and values in UTF-8; a number 0 takes 2 bytes. */
    static final int ITEM_BYTES = 1024;

    private static final int KEY_DIGITS = 8;
    private static final byte[] KEY_START = HttpText.ascii("key-");
    private static final int COUNTER_BYTES = 2;
    private static final int DATA_BYTES = ITEM_BYTES
            - KEY.length()
            - KEY_START.length
            - KEY_DIGITS
            - COUNTER.length()
            - COUNTER_BYTES
            - DATA.length();

    /** Random text to cut data from, so that a store that compresses gains little. */
    private static final byte[] TEXT = randomText(1 << 16);

    private Items() {}

    static void putKey(ByteBuffer out, int item) {
        out.put(KEY_START);
        int rest = item;
        int end = out.position() + KEY_DIGITS;
        for (int i = end - 1; i >= end - KEY_DIGITS; i--) {
            out.put(i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        out.position(end);
    }

    static void putData(ByteBuffer out, SplittableRandom random) {
        out.put(TEXT, random.nextInt(TEXT.length - DATA_BYTES), DATA_BYTES);
    }

    private static byte[] randomText(int length) {
        SplittableRandom random = new SplittableRandom(1);
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte)
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".charAt(random.nextInt(64));
        }
        return text;
    }
}
