package dev.henge.node.runtime;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.proto.Catalog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of the newest catalog in the node's data directory, so that a node that starts again knows the cluster and its own
 * replicas before it has reached anybody. A copy alone: where it is damaged or gone, the node learns the catalog from others.
 *
 * <p>It is written by a thread of its own: a 4-byte checksum (CRC-32C), then the catalog.
 */
final class CatalogFile implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CatalogFile.class);
    private static final long CLOSE_MILLIS_MAX = 5_000;

    private final Path path;
    private final AtomicReference<@Nullable Catalog> unwritten = new AtomicReference<>();
    private final ExecutorService writer = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("catalog-file").factory());

    CatalogFile(Path path) {
        this.path = path;
    }

    /** The catalog as it was last kept, if it was, and of this cluster. */
    Optional<Catalog> read(String clusterId) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
            if (bytes.remaining() < Integer.BYTES) {
                throw new IOException("it is cut off");
            }
            int checksum = bytes.getInt();
            if (checksum != checksum(bytes.duplicate())) {
                throw new IOException("its checksum does not match");
            }
            Catalog catalog = Catalog.parseFrom(bytes);
            return catalog.getClusterId().equals(clusterId) ? Optional.of(catalog) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (InvalidProtocolBufferException e) {
            log.warn(
                    "the copy of the catalog in {} can't be read; it is fetched from other nodes: {}",
                    path,
                    e.toString());
            return Optional.empty();
        } catch (IOException e) {
            log.warn(
                    "the copy of the catalog in {} can't be used; it is fetched from other nodes: {}",
                    path,
                    e.getMessage());
            return Optional.empty();
        }
    }

    /** Keeps a catalog in place of those before; returns at once. */
    void keep(Catalog catalog) {
        if (unwritten.getAndSet(catalog) != null) {
            return;
        }
        try {
            writer.execute(this::write);
        } catch (RejectedExecutionException e) {
            log.debug("the catalog is not kept: the node stops");
        }
    }

    private void write() {
        Catalog catalog = unwritten.getAndSet(null);
        if (catalog == null) {
            return;
        }
        Path unfinished = path.resolveSibling(path.getFileName() + ".tmp");
        try {
            byte[] content = catalog.toByteArray();
            Files.deleteIfExists(unfinished);
            // The secrets of credentials are in it.
            Files.createFile(
                    unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (FileChannel file = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + content.length)
                        .putInt(checksum(ByteBuffer.wrap(content)))
                        .put(content)
                        .flip();
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                file.force(true);
            }
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | UnsupportedOperationException e) {
            log.warn("the catalog could not be kept in {}: {}", path, e.toString());
        }
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return (int) checksum.getValue();
    }

    /** Waits a moment for what is being written; without it, the copy before stays. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            boolean ended = writer.awaitTermination(CLOSE_MILLIS_MAX, TimeUnit.MILLISECONDS);
            if (!ended) {
                log.warn("the catalog's file {} is not written in time", path);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
