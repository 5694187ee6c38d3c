package dev.henge.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import org.junit.jupiter.api.Test;

/** How full a disk is that keeps a part for the superuser. */
class DiskUseTest {

    @Test
    void whatIsReservedIsNeitherUsedNorFree() throws IOException {
        DiskUse use = DiskUse.of(new Disk(1_000, 700, 300));

        assertThat(use).isEqualTo(new DiskUse(300, 600));
        assertThat(use.share()).isEqualTo(0.5);
    }

    @Test
    void aDiskIsFullWhenNothingIsLeftForThisProcess() throws IOException {
        assertThat(DiskUse.of(new Disk(1_000, 50, 0)).share()).isEqualTo(1);
    }

    @Test
    void aDiskOfNoSizeIsNotFull() throws IOException {
        assertThat(DiskUse.of(new Disk(0, 0, 0)).share()).isZero();
    }

    /** A file system that says only how large it is. */
    private static final class Disk extends FileStore {

        private final long total;
        private final long unallocated;
        private final long usable;

        Disk(long total, long unallocated, long usable) {
            this.total = total;
            this.unallocated = unallocated;
            this.usable = usable;
        }

        @Override
        public long getTotalSpace() {
            return total;
        }

        @Override
        public long getUnallocatedSpace() {
            return unallocated;
        }

        @Override
        public long getUsableSpace() {
            return usable;
        }

        @Override
        public String name() {
            return "disk";
        }

        @Override
        public String type() {
            return "test";
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
            return false;
        }

        @Override
        public boolean supportsFileAttributeView(String name) {
            return false;
        }

        @Override
        public <V extends FileStoreAttributeView> V getFileStoreAttributeView(Class<V> type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object getAttribute(String attribute) {
            throw new UnsupportedOperationException();
        }
    }
}
