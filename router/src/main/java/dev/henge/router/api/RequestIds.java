package dev.henge.router.api;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Makes the ids of answers (x-amzn-RequestId) and of writes. Safe for use by many threads. */
final class RequestIds {

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    private static final int REPLY_ID_LENGTH = 52;
    private static final int SYMBOLS_IN_LONG = 12;

    private final long instance = new SecureRandom().nextLong();
    private final AtomicLong writes = new AtomicLong();

    /** 52 characters, of the service's looks, unique for all practical purposes. */
    String nextReplyId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        byte[] id = new byte[REPLY_ID_LENGTH];
        long bits = 0;
        for (int i = 0; i < REPLY_ID_LENGTH; i++) {
            if (i % SYMBOLS_IN_LONG == 0) {
                bits = random.nextLong();
            }
            id[i] = (byte) ALPHABET.charAt((int) (bits & 31));
            bits >>>= 5;
        }
        return new String(id, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    /** 16 bytes that no other write has: a random number of this instance, then a counter. */
    ByteString nextWriteId() {
        ByteBuffer id = ByteBuffer.allocate(2 * Long.BYTES);
        id.putLong(instance).putLong(writes.incrementAndGet()).flip();
        return ByteString.copyFrom(id);
    }
}
