package dev.henge.router.api;

import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.CRC32;

/** Grows as the body of an answer is written to it, and gives its bytes away without copying them. */
final class ReplyBuffer extends OutputStream {

    private static final int FIRST_CAPACITY_BYTES = 1024;

    private byte[] bytes = new byte[FIRST_CAPACITY_BYTES];
    private int length;

    @Override
    public void write(int b) {
        put(b);
    }

    void put(int b) {
        ensure(1);
        bytes[length++] = (byte) b;
    }

    /** Makes room for {@code count} bytes; returns where in {@link #bytes()} they may be put. */
    int reserve(int count) {
        ensure(count);
        return length;
    }

    /** Counts bytes that were put into the room made by {@link #reserve}. */
    void advance(int count) {
        length += count;
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        ensure(count);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    @Override
    public void write(byte[] source) {
        write(source, 0, source.length);
    }

    private void ensure(int count) {
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + count, bytes.length * 2));
        }
    }

    /** The written bytes stand at the start of this array, which is another one after more was written. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    /** As the header x-amz-crc32 has it: unsigned, in decimal. */
    String crc32() {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return Long.toString(crc.getValue());
    }
}
