package dev.henge.node.partition;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What a replica can't do yet, in the order in which it came. Belongs to the replica's event loop. */
final class WaitingTasks {

    private static final int TASKS_MAX = 4096;

    private final Deque<Runnable> tasks = new ArrayDeque<>();

    /** Whether no request may wait here any more. */
    boolean isFull() {
        return tasks.size() >= TASKS_MAX;
    }

    boolean isEmpty() {
        return tasks.isEmpty();
    }

    void add(Runnable task) {
        tasks.addLast(task);
    }

    /** Runs all that wait now; where what they waited for did not come, each task finds out and refuses. */
    void runAll() {
        List<Runnable> all = List.copyOf(tasks);
        tasks.clear();
        all.forEach(Runnable::run);
    }
}
