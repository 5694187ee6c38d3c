package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.proto.SnapshotChunkOrBuilder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/** CRC-32C of a snapshot chunk's keys and values, each with its length before it. */
final class SnapshotChecksum {

    private SnapshotChecksum() {}

    static int of(SnapshotChunkOrBuilder chunk) {
        CRC32C crc = new CRC32C();
        update(crc, chunk.getKeysList());
        update(crc, chunk.getValuesList());
        return (int) crc.getValue();
    }

    private static void update(CRC32C crc, List<ByteString> parts) {
        for (ByteString part : parts) {
            crc.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.size()).flip());
            crc.update(part.asReadOnlyByteBuffer());
        }
    }
}
