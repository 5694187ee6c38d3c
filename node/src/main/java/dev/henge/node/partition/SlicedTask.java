package dev.henge.node.partition;

/** Work that reads much, done in slices so that whoever runs it decides how fast and beside what else. One thread at a time. */
public interface SlicedTask {

    /**
     * Does one slice, of about a megabyte.
     *
     * @return how many bytes were read, or -1 when the task is done; it is not called again then
     */
    long runSlice();

    /** Gives the task up and frees what it holds; nobody is told. Not while a slice runs; harmless once it is done. */
    void abandon();
}
