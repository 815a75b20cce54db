package io.zonewright.frontend.nvme.tcp;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One thread that works for many parties in turn: however much one of them asks for, another waits for at most one task of
 * each party before its own is done. The thread ends when it has been idle for a while. Any thread.
 *
 * @param <K> names a party
 */
final class FairWorker<K> implements AutoCloseable {
    /** Tasks of one party that may wait. */
    static final int WAITING_OF_ONE = 64;

    /** Tasks that may wait altogether. */
    static final int WAITING = 1024;

    private final Map<K, ArrayDeque<Runnable>> waiting = new LinkedHashMap<>();
    private final ThreadPoolExecutor thread;
    private int count;
    private boolean closed;

    FairWorker(ThreadFactory factory) {
        thread = new ThreadPoolExecutor(1, 1, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        thread.allowCoreThreadTimeOut(true);
    }

    /** Has the task run when its party's turn comes; false if too much is waiting, or the worker is closed. */
    synchronized boolean execute(K party, Runnable task) {
        ArrayDeque<Runnable> own = waiting.get(party);
        if (closed || count >= WAITING || (own != null && own.size() >= WAITING_OF_ONE)) {
            return false;
        }
        if (own == null) {
            own = new ArrayDeque<>();
            waiting.put(party, own);
        }
        own.add(task);
        count++;
        thread.execute(this::runNext);
        return true;
    }

    private void runNext() {
        Runnable task = take();
        if (task != null) {
            task.run();
        }
    }

    private synchronized @Nullable Runnable take() {
        Map.Entry<K, ArrayDeque<Runnable>> turn =
                waiting.isEmpty() ? null : waiting.entrySet().iterator().next();
        if (turn == null) {
            return null;
        }
        K party = turn.getKey();
        ArrayDeque<Runnable> own = turn.getValue();
        Runnable task = own.poll();
        count--;
        waiting.remove(party);
        if (!own.isEmpty()) {
            waiting.put(party, own); // behind all others
        }
        return task;
    }

    /** Drops what waits. */
    @Override
    public synchronized void close() {
        closed = true;
        waiting.clear();
        count = 0;
        thread.shutdownNow();
    }
}
