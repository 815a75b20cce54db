package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.frontend.nvme.command.ControllerCarrier;
import io.zonewright.frontend.nvme.command.ControllerRegisters;
import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeController;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.vfiouser.queue.CompletionQueue;
import io.zonewright.frontend.nvme.vfiouser.queue.DoorbellPage;
import io.zonewright.frontend.nvme.vfiouser.queue.InterruptCoalescing;
import io.zonewright.frontend.nvme.vfiouser.queue.QueueEvents;
import io.zonewright.frontend.nvme.vfiouser.queue.QueueWorker;
import io.zonewright.frontend.nvme.vfiouser.queue.SubmissionQueue;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.vfiouser.PciHost;
import io.zonewright.vfiouser.Quiescence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries one NVMe controller on a PCI function: a controller of its own for each client that attaches, over queue
 * workers that live as long as the endpoint.
 *
 * <p>Lifecycle and doorbells come on the endpoint's control thread, queue administration on the home loop, see
 * {@link QueueHome}; interrupts and fatal errors on any.
 */
final class PciCarrier implements ControllerCarrier, QueueEvents, ControllerBar.Backing {
    private final String name;
    private final NvmeSubsystem subsystem;
    private final ControllerTraits traits;
    private final boolean mapped;
    private final int vectorCount;
    private final Interrupts interrupts = new Interrupts();
    private final InterruptCoalescing coalescing;
    private final List<QueueWorker> workers = new ArrayList<>();
    private final QueueHome home;
    private final AdminQueues adminQueues;
    private final AtomicLong doorbellWrites = new AtomicLong();
    private final AtomicLong wrongDoorbells = new AtomicLong();
    private final AtomicLong shutdowns = new AtomicLong();
    private final AtomicBoolean wrongValueWaits = new AtomicBoolean();
    private final AtomicBoolean wrongRegisterWaits = new AtomicBoolean();

    private @Nullable PciHost host;
    private volatile @Nullable NvmeController controller;
    private DoorbellPage registerPage;
    private volatile boolean enabled;

    /**
     * @param traits its {@code maxIoQueues} queues are spread over the loops
     * @param mapped whether the driver writes doorbells into shared memory, see {@link PciHost#shared}
     * @param clock by which interrupts wait, {@link System#nanoTime}
     */
    PciCarrier(
            String name,
            NvmeSubsystem subsystem,
            ControllerTraits traits,
            boolean mapped,
            LoopGroup loops,
            LongSupplier clock) {
        this.name = name;
        this.subsystem = subsystem;
        this.traits = traits;
        this.mapped = mapped;
        vectorCount = traits.maxIoQueues() + 1;
        coalescing = new InterruptCoalescing(vectorCount);
        registerPage = DoorbellPage.ofOwnMemory(traits.maxIoQueues() + 1);
        for (int i = 0; i < loops.size(); i++) {
            workers.add(new QueueWorker(name + " worker " + i, loops.loop(i), this, coalescing, clock));
        }
        home = new QueueHome(workers, traits.maxIoQueues(), traits.shadowDoorbells(), this::usableVectors);
        adminQueues = new AdminQueues(home, traits.maxQueueEntries());
    }

    /** One MSI-X vector for each completion queue. */
    int vectors() {
        return vectorCount;
    }

    List<QueueWorker> workers() {
        return List.copyOf(workers);
    }

    /** What all workers counted, doorbells, and shutdowns that a host gave notice of (CC.SHN); from any thread. */
    SequencedMap<String, Object> counters() {
        SequencedMap<String, Long> sums = new LinkedHashMap<>();
        for (QueueWorker worker : workers) {
            worker.counters().addTo(sums);
        }
        SequencedMap<String, Object> result = new LinkedHashMap<>(sums);
        result.put("doorbell-messages", doorbellWrites.get());
        result.put("wrong-doorbells", wrongDoorbells.get());
        result.put("shutdowns", shutdowns.get());
        return result;
    }

    /** Whether a controller is enabled, so that mapped doorbells have to be looked at; from any thread. */
    boolean running() {
        return enabled;
    }

    /** The controller of the client that is there now; from any thread. */
    @Nullable
    NvmeController current() {
        return controller;
    }

    /** Brings the workers to their loops; before anybody attaches. */
    void start() {
        for (QueueWorker worker : workers) {
            worker.loop().run(() -> worker.loop().add(worker));
        }
    }

    /** The reverse, when nobody is attached any more. */
    void close() {
        for (QueueWorker worker : workers) {
            worker.loop().run(() -> worker.loop().remove(worker));
            worker.close();
        }
    }

    void attach(PciHost client) {
        host = client;
        interrupts.attach(client);
        if (mapped) {
            registerPage =
                    new DoorbellPage(client.shared(0).asSlice(ControllerBar.DOORBELLS, ControllerBar.DOORBELL_BYTES));
        }
        controller = subsystem.newController(traits, this);
    }

    void detach(Quiescence done) {
        NvmeController leaving = requireController();
        leaving.registers().reset();
        home.stop(() -> {
            leaving.close();
            done.reached();
        });
        enabled = false;
        interrupts.attach(null);
        host = null;
        controller = null;
    }

    void reset(Quiescence done) {
        requireController().registers().reset();
        interrupts.reset();
        home.stop(() -> {
            interrupts.settleAll();
            done.reached();
        });
    }

    void memoryChanged(GuestMemory memory, Quiescence done) {
        home.memoryChanged(memory, done::reached);
    }

    void memoryAdded(GuestMemory memory, Quiescence done) {
        home.memoryAdded(memory, done::reached);
    }

    // The controller's wishes -------------------------------------------------------------------------------------

    /** On the control thread, with the registers' lock held. */
    @Override
    public void enabled() {
        PciHost client = requireHost();
        NvmeController starting = requireController();
        ControllerRegisters registers = starting.registers();
        int submissionEntries = (registers.aqa() & 0xFFF) + 1;
        int completionEntries = (registers.aqa() >>> 16 & 0xFFF) + 1;
        if (submissionEntries < 2 || completionEntries < 2) {
            fatal("the admin queues have one entry");
            return;
        }
        CompletionQueue answers = new CompletionQueue(0, registers.acq(), completionEntries, 0, true);
        SubmissionQueue admin = new SubmissionQueue(0, registers.asq(), submissionEntries, answers);
        GuestMemory memory = client.memory();
        if (!answers.inside(memory) || !admin.inside(memory)) {
            fatal("the admin queues are not in the guest's memory");
            return;
        }
        interrupts.reset();
        coalescing.reset();
        for (int i = 0; i < 2 * vectorCount; i++) {
            registerPage.cell(i).write(0);
        }
        enabled = true;
        home.start(starting, registerPage, memory, answers, admin);
    }

    @Override
    public void disabled() {
        NvmeController stopping = requireController();
        interrupts.reset();
        home.stop(() -> {
            // A loop may have answered a command after the reset above: nobody is left to lower the pin for that.
            interrupts.settleAll();
            enabled = false;
            stopping.disabledDone();
        });
    }

    /** The host has deleted its queues, or does not care: nothing to be done here but to count it. */
    @Override
    public void shutdown() {
        shutdowns.incrementAndGet();
    }

    @Override
    public boolean carrierAdmin(NvmeCommand command) {
        return adminQueues.carryOut(command);
    }

    @Override
    public int grantQueues(int requested) {
        int most = traits.maxIoQueues() - 1;
        int submission = Math.min(requested & 0xFFFF, most);
        int completion = Math.min(requested >>> 16, most);
        return completion << 16 | submission;
    }

    @Override
    public void setInterruptCoalescing(int threshold, int time) {
        coalescing.set(threshold, time);
    }

    @Override
    public void setInterruptVector(int vector, boolean coalescingDisabled) {
        if (vector >= 0 && vector < vectorCount) {
            coalescing.setExempt(vector, coalescingDisabled);
        }
    }

    /** Never: a controller on PCIe has no keep-alive timer. */
    @Override
    public void keepAliveExpired() {}

    // The queues' news --------------------------------------------------------------------------------------------

    @Override
    public void invalidDoorbellValue() {
        wrongDoorbell(true);
    }

    /**
     * The event may answer a command of a queue that is just being looked at: so it has a turn of its own. One at a time,
     * or a host that writes nothing else would keep the loop from its work.
     */
    private void wrongDoorbell(boolean exists) {
        wrongDoorbells.incrementAndGet();
        NvmeController told = controller;
        AtomicBoolean waiting = exists ? wrongValueWaits : wrongRegisterWaits;
        if (told != null && waiting.compareAndSet(false, true)) {
            workers.getFirst().loop().execute(() -> {
                waiting.set(false);
                told.invalidDoorbell(exists);
            });
        }
    }

    @Override
    public void interrupt(CompletionQueue queue) {
        interrupts.raise(queue);
    }

    @Override
    public void allTaken(CompletionQueue queue) {
        interrupts.settle(queue);
    }

    @Override
    public boolean levelInterrupts() {
        return interrupts.level();
    }

    @Override
    public void fatal(String reason) {
        NvmeController failing = controller;
        if (failing == null) {
            return;
        }
        failing.registers().fail();
        home.halt();
        interrupts.broken(reason);
    }

    // The BAR -----------------------------------------------------------------------------------------------------

    @Override
    public ControllerRegisters registers() {
        return requireController().registers();
    }

    @Override
    public Interrupts interrupts() {
        return interrupts;
    }

    @Override
    public void ring(int index, int value) {
        doorbellWrites.incrementAndGet();
        int id = index / 2;
        if (!enabled || id > traits.maxIoQueues()) {
            invalidDoorbellWrite();
            return;
        }
        boolean isTail = index % 2 == 0;
        int size = id == 0 ? Integer.MAX_VALUE : isTail ? submissionSize(id) : completionSize(id);
        if (size == 0) {
            invalidDoorbellWrite();
        } else if (value < 0 || value >= size) {
            invalidDoorbellValue();
        } else {
            registerPage.cell(index).write(value);
            wake(id, isTail);
        }
    }

    @Override
    public void invalidDoorbellWrite() {
        wrongDoorbell(false);
    }

    private void wake(int id, boolean isTail) {
        if (isTail) {
            SubmissionQueue queue = home.table().submission(id);
            home.workerOf(queue == null ? 0 : queue.completions().id()).loop().wake();
            return;
        }
        CompletionQueue queue = home.table().completion(id);
        if (queue == null || queue.headWanted()) {
            home.workerOf(id).loop().wake();
        }
    }

    private int submissionSize(int id) {
        SubmissionQueue queue = home.table().submission(id);
        return queue == null ? 0 : queue.size();
    }

    private int completionSize(int id) {
        CompletionQueue queue = home.table().completion(id);
        return queue == null ? 0 : queue.size();
    }

    private int usableVectors() {
        return interrupts.level() ? 1 : vectorCount;
    }

    private PciHost requireHost() {
        PciHost client = host;
        if (client == null) {
            throw new IllegalStateException(name + " has no client");
        }
        return client;
    }

    private NvmeController requireController() {
        NvmeController present = controller;
        if (present == null) {
            throw new IllegalStateException(name + " has no client");
        }
        return present;
    }
}
