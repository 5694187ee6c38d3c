package dev.henge.node.runtime;

import dev.henge.node.runtime.FileDamageMarks.DurableFiles;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * A second note, beside the storage, of the generations of this node's replicas: a storage that is replaced takes its own
 * with it, and a replica that came back as an earlier member would break what the present one has promised.
 */
final class Generations {

    private final Path file;
    private final Map<Integer, Long> noted = new TreeMap<>();

    private Generations(Path file) {
        this.file = file;
    }

    static Generations open(Path file) throws IOException {
        Generations generations = new Generations(file);
        if (Files.exists(file)) {
            Properties properties = new Properties();
            properties.load(new StringReader(Files.readString(file)));
            for (String partition : properties.stringPropertyNames()) {
                generations.noted.put(Integer.parseInt(partition), Long.parseLong(properties.getProperty(partition)));
            }
        }
        return generations;
    }

    /** Gives a storage that was replaced the generations that it lacks, durably. */
    synchronized void restore(StorageEngine storage) {
        WriteBatch lacking = new WriteBatch();
        noted.forEach((partition, generation) -> {
            byte[] key = StorageKeys.generationKey(partition);
            if (storage.get(key) == null) {
                lacking.put(
                        key, ByteBuffer.allocate(Long.BYTES).putLong(generation).array());
            }
        });
        if (!lacking.isEmpty()) {
            storage.write(lacking);
            storage.flush();
        }
    }

    /** Notes the generation of a replica before it takes part; durable when it returns. The first, 0, needs no note. */
    synchronized void note(int partition, long generation) {
        Long known = noted.get(partition);
        if (generation == 0 ? known == null : known != null && known == generation) {
            return;
        }
        noted.put(partition, generation);
        StringBuilder text =
                new StringBuilder("# Generations of this node's replicas. Written by Henge; do not edit.\n");
        noted.forEach((each, its) -> text.append(each).append('=').append(its).append('\n'));
        try {
            DurableFiles.write(file, text.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + file, e);
        }
    }
}
