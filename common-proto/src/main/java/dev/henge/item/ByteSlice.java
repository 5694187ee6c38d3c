package dev.henge.item;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The bytes of a ByteString where they lie, if they lie in one array; a copy otherwise. For reading only. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ByteSlice(byte[] buffer, int offset, int length) {

    static ByteSlice of(ByteString bytes) {
        Capture capture = new Capture();
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, capture);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (capture.pieces == 1 && capture.length == bytes.size()) {
            return new ByteSlice(capture.buffer, capture.offset, capture.length);
        }
        return new ByteSlice(bytes.toByteArray(), 0, bytes.size());
    }

    /** Remembers the one array written to it; counts two pieces as soon as there is anything else. */
    private static final class Capture extends ByteOutput {
        private byte[] buffer = new byte[0];
        private int offset;
        private int length;
        private int pieces;

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            this.buffer = value;
            this.offset = offset;
            this.length = length;
            pieces++;
        }

        @Override
        public void write(byte value) {
            pieces += 2;
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            // Not said to stay unchanged after the call.
            pieces += 2;
        }

        @Override
        public void write(ByteBuffer value) {
            pieces += 2;
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            pieces += 2;
        }
    }
}
