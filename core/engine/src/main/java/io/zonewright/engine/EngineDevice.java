package io.zonewright.engine;

import io.zonewright.api.request.CompletionStep;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.api.zone.ZoneType;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One device: a zoned model over one medium. Requests are judged on the thread that submits them, under the lock of
 * their zone and never for longer than a few instructions; data moves outside every lock; results are committed and
 * handed up on the thread on which the medium completes. {@link ZoneLanes} has the rules of order.
 */
public final class EngineDevice implements ZonedDevice {
    private static final Logger LOG = LoggerFactory.getLogger(EngineDevice.class);

    private final DeviceIdentity identity;
    private final ZonedBackend backend;
    private final ZoneGeometry geometry;
    private final ZoneLimits limits;
    private final Capabilities capabilities;
    private final ZoneFeatures features;
    private final ZoneRules rules;
    private final boolean zoned;
    private final long blockMask;

    private final ZoneTable table;
    private final OpenResources resources;
    private final ZoneExtensions extensions;
    private final ZoneLogic logic;
    private final Replays replays;
    private final ZoneLanes lanes;
    private final Gate gate = new Gate();
    private final AtomicBoolean resetting = new AtomicBoolean();
    private final FaultLog faults;
    private final CompletionStep passed = this::passed;
    private final CompletionStep readBack = this::readBack;
    private final List<DeviceListener> listeners = new CopyOnWriteArrayList<>();

    private EngineDevice(DeviceIdentity identity, ZonedBackend backend, ZoneRules rules) {
        this.identity = identity;
        faults = new FaultLog(identity.name());
        this.backend = backend;
        this.rules = rules;
        geometry = backend.geometry();
        limits = backend.limits();
        capabilities = backend.capabilities();
        features = backend.features();
        zoned = geometry.model().zoned();
        blockMask = geometry.blockSize() - 1L;
        table = new ZoneTable(geometry);
        resources = new OpenResources(table, limits, rules, features.areas());
        extensions = new ZoneExtensions(table.zones(), features);
        logic = new ZoneLogic(table, resources, rules, geometry, capabilities, features, extensions);
        replays = new Replays(this);
        lanes = new ZoneLanes(this, capabilities, table, logic, replays);
    }

    /**
     * Makes a device over a medium, which is the device's from now on. Asks the medium for its zones, so it may block.
     *
     * @throws IllegalStateException if the medium's zones do not fit its geometry, or it offers {@link ZoneFeatures} that
     *     cannot be had over it; the medium is still the caller's
     */
    public static EngineDevice open(DeviceIdentity identity, ZonedBackend backend, ZoneRules rules) {
        checkFeatures(backend);
        EngineDevice device = new EngineDevice(identity, backend, rules);
        if (device.zoned) {
            ZoneLoader loader =
                    new ZoneLoader(device.geometry, device.table, device.resources, device.capabilities.ownZoneRules());
            backend.loadZones(loader);
            loader.finish();
        }
        return device;
    }

    private static void checkFeatures(ZonedBackend backend) {
        ZoneFeatures features = backend.features();
        Capabilities capabilities = backend.capabilities();
        ZoneGeometry geometry = backend.geometry();
        if (features.equals(ZoneFeatures.NONE)) {
            return;
        }
        if (geometry.model() != ZoneModel.HOST_MANAGED || capabilities.ownZoneRules()) {
            throw new IllegalStateException(
                    "only a host-managed medium without zone rules of its own can have " + features);
        }
        if (features.areas() != 0
                && (capabilities.nativeAppend() || features.areaFlushBytes() % geometry.writeGranularity() != 0)) {
            throw new IllegalStateException(
                    "no random write areas on a medium that places appends itself, or in parts of "
                            + "its write granularity: " + features);
        }
        if (features.areaBytes() > geometry.zoneSize()) {
            throw new IllegalStateException("a random write area is larger than a zone: " + features);
        }
    }

    @Override
    public DeviceIdentity identity() {
        return identity;
    }

    @Override
    public ZoneGeometry geometry() {
        return geometry;
    }

    @Override
    public ZoneLimits limits() {
        return limits;
    }

    @Override
    public ZoneFeatures features() {
        return features;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    /** Which standard's state machine this device follows. */
    public ZoneRules rules() {
        return rules;
    }

    /** Open and active zones now. */
    public ResourceUse resourceUse() {
        return resources.use();
    }

    /** Random write areas that zones have now. */
    public int areasInUse() {
        return features.areas() - resources.areasLeft();
    }

    /** Writes that clients sent once more after they had lost their connection, and that were on the medium already. */
    public long replayedWrites() {
        return replays.replayed();
    }

    /** For {@code zonewright stats}. */
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> stats = new LinkedHashMap<>();
        stats.put("in-flight", inFlight());
        stats.put("replayed-writes", replayedWrites());
        return stats;
    }

    /** Requests submitted and not yet completed, roughly. */
    public long inFlight() {
        return gate.inside();
    }

    @Override
    public void zone(int index, ZoneDescriptor into) {
        table.describe(Objects.checkIndex(index, table.zones()), into);
    }

    @Override
    public boolean zoneExtension(int index, MemorySegment into) {
        long word = table.peek(Objects.checkIndex(index, table.zones()));
        Objects.checkFromIndexSize(0, features.extensionBytes(), into.byteSize());
        return (word & ZoneWord.EXTENSION) != 0 && extensions.get(index, into);
    }

    @Override
    public void addListener(DeviceListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeListener(DeviceListener listener) {
        listeners.remove(listener);
    }

    @Override
    public void clientLost() {
        lanes.openReplayWindow();
    }

    /**
     * Takes no more requests (they end with {@link Cause#ABORTED}), waits for those in flight, and closes the medium.
     * To be called by one thread at a time.
     *
     * @param patience how long to wait
     * @return false if requests are still in flight: the medium is then still open, and this may be called again
     */
    public boolean close(Duration patience) {
        gate.close();
        if (!gate.awaitEmpty(patience)) {
            return false;
        }
        backend.close();
        return true;
    }

    @Override
    public boolean lends() {
        return backend.lends();
    }

    @Override
    public void endLoan(DeviceRequest request) {
        if (!request.lend()) {
            throw new IllegalStateException("nothing was lent: " + request);
        }
        request.setLend(false);
        gate.leave();
    }

    @Override
    public void submit(DeviceRequest request) {
        if (!gate.enter()) {
            request.setLend(false);
            request.complete(Cause.ABORTED);
            return;
        }
        dispatch(request);
    }

    @Override
    public void beginBatch() {
        gate.beginBatch();
        backend.beginBatch();
    }

    @Override
    public void endBatch() {
        try {
            backend.endBatch();
        } finally {
            gate.endBatch();
        }
    }

    /** Judges a request that is counted in already. */
    void dispatch(DeviceRequest request) {
        switch (request.operation()) {
            case READ -> read(request, !capabilities.ownZoneRules());
            case WRITE -> write(request);
            case APPEND -> append(request);
            case FLUSH -> flush(request);
            case WRITE_ZEROES -> {
                if (capabilities.writeZeroes()) {
                    write(request);
                } else {
                    end(request, Cause.UNSUPPORTED.bit());
                }
            }
            case DISCARD -> discard(request);
            case ZONE_OPEN,
                    ZONE_CLOSE,
                    ZONE_FINISH,
                    ZONE_RESET,
                    ZONE_SET_EXTENSION,
                    ZONE_FLUSH_AREA,
                    ZONE_SET_READ_ONLY,
                    ZONE_SET_OFFLINE -> action(request);
            case ZONE_REPORT -> report(request);
        }
    }

    /** With the write pointers known for sure, or as a medium with rules of its own told them last. */
    private void read(DeviceRequest request, boolean certain) {
        long causes = rangeCauses(request);
        long offset = request.offset();
        long length = request.length();
        if (!zoned || length == 0 || (causes & Cause.OUT_OF_RANGE.bit()) != 0) {
            endOrPass(request, causes);
            return;
        }
        int first = table.zoneOf(offset);
        int last = table.zoneOf(offset + length - 1);
        boolean clip = false;
        boolean required = false;
        long readable = Long.MAX_VALUE;
        for (int zone = first; zone <= last; zone++) {
            long word = table.peek(zone);
            boolean offline = ZoneWord.condition(word) == ZoneCondition.OFFLINE;
            if (offline && !capabilities.ownZoneRules()) {
                causes |= Cause.ZONE_OFFLINE.bit();
            }
            if (ZoneWord.type(word) == ZoneType.SEQUENTIAL_WRITE_REQUIRED) {
                required = true;
                if (offline) {
                    // What the mirror says may be old, and the medium has the say: it is asked for all of it.
                    continue;
                }
                readable = readableEnd(zone, word);
                clip |= readable < (zone == last ? offset + length : table.start(zone + 1));
            }
        }
        if (first != last && required && request.refuseCrossing()) {
            causes |= Cause.READ_CROSSES_ZONES.bit();
        }
        if (causes != 0 || !clip) {
            endOrPass(request, causes);
        } else if (!certain) {
            // Somebody else may have written there.
            new MirrorRefresh(this, request, false).start(lanes.mirrorSink());
        } else if (first == last && readable <= offset) {
            request.setTransferred(length);
            request.setCauses(Cause.DONE.bit());
            clear(request, 0, length);
            up(request);
        } else if (first == last) {
            request.push(readBack, readable);
            hand(request);
        } else {
            new ZoneByZone(this, request).start();
        }
    }

    /**
     * What a medium read above a write pointer was never acknowledged: it reads as zeroes.
     *
     * @param readableBefore end of the zone's data when the medium began to read: what a write that committed since then
     *     put there may have been read half done, or not yet
     */
    private void readBack(DeviceRequest request, long readableBefore) {
        long from = request.offset();
        if (request.cause().success() && (!request.lend() || request.data().bytes() == request.length())) {
            int zone = table.zoneOf(from);
            long readable = Math.max(from, Math.min(readableBefore, readableEnd(zone, table.peek(zone))));
            if (readable < from + request.length()) {
                clear(request, readable - from, from + request.length() - readable);
            }
        }
        passed(request, 0);
    }

    /** Zeroes the end of the payload, which may lie in a guest's memory that is no longer there, or be only lent. */
    private void clear(DeviceRequest request, long from, long length) {
        try {
            if (request.lend()) {
                request.data().truncate(from);
                request.data().addZeroes(length);
                return;
            }
            request.data().fill(from, length, (byte) 0);
        } catch (RuntimeException | InternalError thrown) {
            faults.report("a buffer cannot be filled", thrown);
            request.setCauses(Cause.INTERNAL_ERROR.bit());
        }
    }

    /** First byte above the data of a sequential-write-required zone; with a random write area it may be anywhere. */
    private long readableEnd(int zone, long word) {
        int end = ZoneWord.hasArea(word) ? table.capacityBlocks(zone) : ZoneWord.writePointer(word);
        return table.start(zone) + ((long) end << table.blockShift());
    }

    private void write(DeviceRequest request) {
        long causes = rangeCauses(request);
        long offset = request.offset();
        long length = request.length();
        if (!zoned || offset < 0 || offset >= geometry.deviceBytes()) {
            endOrPass(request, causes);
            return;
        }
        int zone = table.zoneOf(offset);
        ZoneType type = table.type(zone);
        boolean fits = (causes & Cause.OUT_OF_RANGE.bit()) == 0;
        int last = fits && length != 0 ? table.zoneOf(offset + length - 1) : zone;
        boolean required = type == ZoneType.SEQUENTIAL_WRITE_REQUIRED;
        boolean preferred = type == ZoneType.SEQUENTIAL_WRITE_PREFERRED;
        for (int other = zone + 1; other <= last; other++) {
            required |= table.type(other) == ZoneType.SEQUENTIAL_WRITE_REQUIRED;
            preferred |= table.type(other) == ZoneType.SEQUENTIAL_WRITE_PREFERRED;
        }
        if (required && last != zone) {
            causes |= Cause.CROSSES_ZONE_BOUNDARY.bit();
        }
        if (preferred && last != zone && causes == 0) {
            new ZoneByZone(this, request).start();
            return;
        }
        if (type == ZoneType.CONVENTIONAL) {
            endOrPass(request, causes);
            return;
        }
        causes |= fixedWriteCauses(zone, type, offset, length);
        if (causes != 0 || length == 0) {
            endWrite(request, zone, causes);
        } else {
            lanes.enter(request, zone);
        }
    }

    /** What stands against a write whatever the zone's condition. */
    private long fixedWriteCauses(int zone, ZoneType type, long offset, long length) {
        long start = table.start(zone);
        long size = geometry.zoneLength(zone);
        long from = offset - start;
        long capacity = (long) table.capacityBlocks(zone) << table.blockShift();
        boolean required = type == ZoneType.SEQUENTIAL_WRITE_REQUIRED;
        long causes = 0;
        if (required && length > size - from) {
            causes |= Cause.CROSSES_ZONE_BOUNDARY.bit();
        }
        if (length > capacity - from && capacity < size) {
            causes |= Cause.BEYOND_ZONE_CAPACITY.bit();
        }
        if (required && ((offset | length) & (geometry.writeGranularity() - 1L)) != 0) {
            causes |= Cause.UNALIGNED_WRITE.bit();
        }
        return causes;
    }

    private void append(DeviceRequest request) {
        long offset = request.offset();
        long length = request.length();
        if (limits.maxAppendBytes() == 0) {
            end(request, modifyCauses(request) | Cause.APPEND_UNSUPPORTED.bit());
            return;
        }
        long causes = modifyCauses(request);
        if (length > limits.maxAppendBytes()) {
            causes |= Cause.APPEND_TOO_LONG.bit();
        }
        if (((offset | length) & blockMask) != 0) {
            causes |= Cause.UNALIGNED_BLOCK.bit();
        }
        if (!zoned || offset < 0 || length < 0 || offset >= geometry.deviceBytes()) {
            end(request, causes | (zoned ? Cause.OUT_OF_RANGE : Cause.APPEND_UNSUPPORTED).bit());
            return;
        }
        int zone = table.zoneOf(offset);
        if (table.start(zone) != offset) {
            causes |= Cause.NOT_ZONE_START.bit();
        }
        if (table.type(zone) != ZoneType.SEQUENTIAL_WRITE_REQUIRED) {
            end(request, causes | Cause.WRONG_ZONE_TYPE.bit());
            return;
        }
        if ((length & (geometry.writeGranularity() - 1L)) != 0) {
            causes |= Cause.UNALIGNED_WRITE.bit();
        }
        if (length > (long) table.capacityBlocks(zone) << table.blockShift()) {
            causes |= Cause.BEYOND_ZONE_CAPACITY.bit();
        }
        if (causes != 0 || length == 0) {
            endWrite(request, zone, causes);
        } else {
            lanes.enter(request, zone);
        }
    }

    /** Ends a write that never enters its zone: refused, or of no length. Says all that stands against it. */
    private void endWrite(DeviceRequest request, int zone, long causes) {
        boolean judged = !capabilities.ownZoneRules();
        if (judged) {
            long word = table.lock(zone);
            int reserved = table.reserved(zone, word);
            table.unlock(zone, word);
            causes |= logic.writeCauses(zone, word, reserved, request.offset(), request.length(), request.operation());
            if (causes != 0) {
                causes |= request.length() == 0 ? 0 : logic.limitCauses(zone, word, reserved);
            }
        }
        if (causes == 0 && request.operation() == Operation.APPEND) {
            long word = table.peek(zone);
            request.setPlacement(readableEnd(zone, word));
        }
        end(request, causes);
    }

    private void flush(DeviceRequest request) {
        if (capabilities.volatileCache()) {
            request.push(passed, 0);
            hand(request);
        } else {
            end(request, 0);
        }
    }

    private void discard(DeviceRequest request) {
        if (!capabilities.discard()) {
            end(request, Cause.UNSUPPORTED.bit());
            return;
        }
        long causes = rangeCauses(request);
        if (zoned && (causes & Cause.OUT_OF_RANGE.bit()) == 0 && request.length() != 0) {
            int last = table.zoneOf(request.offset() + request.length() - 1);
            for (int zone = table.zoneOf(request.offset()); zone <= last; zone++) {
                if (table.type(zone).sequential()) {
                    causes |= Cause.WRONG_ZONE_TYPE.bit();
                }
            }
        }
        endOrPass(request, causes);
    }

    private void action(DeviceRequest request) {
        long causes = modifyCauses(request) | featureCauses(request);
        if (!zoned) {
            end(request, causes | Cause.UNSUPPORTED.bit());
        } else if (request.allZones()) {
            if (causes != 0) {
                end(request, causes);
            } else if (resetsAtOnce(request)) {
                new DeviceReset(this, lanes, table, request).start();
            } else {
                new AllZonesAction(this, table, resources, request).start();
            }
        } else {
            actionOnZone(request, causes);
        }
    }

    /** Whether one request to the medium can do it; a second reset meanwhile goes zone by zone, as a part of the zones does. */
    private boolean resetsAtOnce(DeviceRequest request) {
        return capabilities.ownZoneRules() && DeviceReset.suits(request, table) && resetting.compareAndSet(false, true);
    }

    /** A {@link DeviceReset} let all zones go. */
    void resetEnded(DeviceRequest whole, boolean succeeded) {
        resetting.set(false);
        if (succeeded) {
            end(whole, 0);
        } else {
            new AllZonesAction(this, table, resources, whole).start();
        }
    }

    /** What stands against an action on any zone of this device for want of extensions and areas, or all zones. */
    private long featureCauses(DeviceRequest request) {
        Operation operation = request.operation();
        long causes = 0;
        if (operation == Operation.ZONE_SET_EXTENSION) {
            if (features.extensionBytes() == 0 || request.allZones()) {
                causes |= Cause.UNSUPPORTED.bit();
            } else if (request.length() != features.extensionBytes()) {
                LOG.error("{}: {}; a defect of the front-end", identity.name(), request);
                causes |= Cause.INTERNAL_ERROR.bit();
            }
        }
        boolean needsArea = operation == Operation.ZONE_FLUSH_AREA || ZoneLogic.wantsArea(request);
        if (needsArea && (features.areas() == 0 || request.allZones())) {
            causes |= Cause.AREA_NOT_APPLICABLE.bit();
        }
        return causes;
    }

    private void actionOnZone(DeviceRequest request, long causes) {
        long offset = request.offset();
        if (offset < 0 || offset >= geometry.deviceBytes()) {
            end(request, causes | Cause.OUT_OF_RANGE.bit());
            return;
        }
        int zone = table.zoneOf(offset);
        if (table.start(zone) != offset) {
            causes |= Cause.NOT_ZONE_START.bit();
        }
        long word = table.peek(zone);
        if (!ZoneWord.type(word).sequential()) {
            causes |= Cause.WRONG_ZONE_TYPE.bit();
        }
        if (causes == 0) {
            lanes.enter(request, zone);
            return;
        }
        Cause verdict = ZoneTransitions.next(
                        ZoneWord.condition(word), ZoneLogic.eventOf(request.operation()), false, rules)
                .cause();
        end(request, verdict.success() ? causes : causes | verdict.bit());
    }

    private void report(DeviceRequest request) {
        long offset = request.offset();
        long length = request.length();
        if (offset < 0 || length < 0 || offset > geometry.deviceBytes() - length) {
            end(request, Cause.OUT_OF_RANGE.bit());
        } else if (!zoned) {
            end(request, Cause.UNSUPPORTED.bit());
        } else if (capabilities.ownZoneRules()) {
            request.setSink(lanes.mirrorSink());
            request.push(passed, 0);
            hand(request);
        } else {
            end(request, 0);
        }
    }

    /** {@link Cause#DEVICE_READ_ONLY} and {@link Cause#INTERNAL_ERROR} where they apply. */
    private long modifyCauses(DeviceRequest request) {
        long causes = 0;
        if (capabilities.readOnly() && request.operation().modifies()) {
            causes |= Cause.DEVICE_READ_ONLY.bit();
        }
        boolean wrong = request.lend()
                ? !mayLend(request)
                : carriesData(request.operation()) && request.data().bytes() != request.length();
        if (wrong) {
            LOG.error(
                    "{}: {} with {} bytes in its spans; a defect of the front-end",
                    identity.name(),
                    request,
                    request.data().bytes());
            causes |= Cause.INTERNAL_ERROR.bit();
        }
        return causes;
    }

    private boolean mayLend(DeviceRequest request) {
        return request.operation() == Operation.READ && request.data().bytes() == 0 && backend.lends();
    }

    private static boolean carriesData(Operation operation) {
        return operation == Operation.READ
                || operation == Operation.WRITE
                || operation == Operation.APPEND
                || operation == Operation.ZONE_SET_EXTENSION;
    }

    /** Whether the medium says in {@link DeviceRequest#transferred} how far it came. */
    private static boolean movesBytes(Operation operation) {
        return carriesData(operation) || operation == Operation.WRITE_ZEROES;
    }

    /** The causes of {@link #modifyCauses}, and whatever is wrong with offset and length on any device. */
    private long rangeCauses(DeviceRequest request) {
        long causes = modifyCauses(request);
        long offset = request.offset();
        long length = request.length();
        if (offset < 0 || length < 0 || offset > geometry.deviceBytes() - length) {
            causes |= Cause.OUT_OF_RANGE.bit();
        }
        if (((offset | length) & blockMask) != 0) {
            causes |= Cause.UNALIGNED_BLOCK.bit();
        }
        return causes;
    }

    /** Refuses the request if there are causes, else hands it to the medium, which has the only say; ends it if it is empty. */
    private void endOrPass(DeviceRequest request, long causes) {
        if (causes != 0 || request.length() == 0) {
            end(request, causes);
        } else {
            request.push(passed, 0);
            hand(request);
        }
    }

    private void passed(DeviceRequest request, long context) {
        if (request.cause().success() && movesBytes(request.operation()) && request.transferred() != request.length()) {
            request.setCauses(Cause.MEDIUM_ERROR.bit());
        } else if (request.lend() && request.cause().success() && request.data().bytes() != request.length()) {
            LOG.error(
                    "{}: {} was lent {} bytes",
                    identity.name(),
                    request,
                    request.data().bytes());
            request.setCauses(Cause.INTERNAL_ERROR.bit());
        }
        if (capabilities.ownZoneRules() && !request.cause().success() && touchesZones(request)) {
            new MirrorRefresh(this, request, true).start(lanes.mirrorSink());
        } else {
            up(request);
        }
    }

    private boolean touchesZones(DeviceRequest request) {
        return zoned && (movesBytes(request.operation()) || request.operation() == Operation.DISCARD);
    }

    /** The mirror is as new for the zones that a request touches: one that failed is explained, another goes on. */
    void refreshed(DeviceRequest request, boolean failed) {
        if (!failed) {
            read(request, true);
            return;
        }
        if (request.cause() == Cause.MEDIUM_ERROR) {
            long causes = 0;
            int last = table.zoneOf(request.offset() + request.length() - 1);
            for (int zone = table.zoneOf(request.offset()); zone <= last; zone++) {
                causes |= ZoneLogic.conditionCauses(ZoneWord.condition(table.peek(zone)));
            }
            causes &= request.operation() == Operation.READ ? Cause.ZONE_OFFLINE.bit() : -1L;
            request.setCauses(causes == 0 ? Cause.MEDIUM_ERROR.bit() : causes);
        }
        up(request);
    }

    private void end(DeviceRequest request, long causes) {
        request.setCauses(causes == 0 ? Cause.DONE.bit() : causes);
        up(request);
    }

    /** Copies a request's payload as the extension of a zone; false if its memory is no longer there. */
    boolean keepExtension(DeviceRequest request, int zone) {
        try {
            extensions.put(zone, request.data());
            return true;
        } catch (RuntimeException | InternalError thrown) {
            faults.report("a zone descriptor extension cannot be copied", thrown);
            return false;
        }
    }

    /** Copies a part of a request's payload; false if its memory is no longer there. */
    boolean copyPayload(DeviceRequest request, long from, MemorySegment target, long length) {
        try {
            request.data().copyTo(from, target, 0, length);
            return true;
        } catch (RuntimeException | InternalError thrown) {
            faults.report("a payload cannot be copied", thrown);
            return false;
        }
    }

    /** Gives a request to the medium. A medium that throws, which it must not, has failed the request. */
    void hand(DeviceRequest request) {
        try {
            backend.submit(request);
        } catch (Throwable thrown) {
            faults.report("the medium threw", thrown);
            request.setTransferred(0);
            request.complete(Cause.INTERNAL_ERROR);
        }
    }

    /** Hands a request with its result up to the layer above. */
    void up(DeviceRequest request) {
        if (!request.lend()) {
            gate.leave();
        } else if (!request.cause().success()) {
            request.data().clear();
            request.setLend(false);
            gate.leave();
        } // else it stays inside until endLoan
        try {
            request.complete(request.causes());
        } catch (Throwable thrown) {
            // The request is the front-end's again; what must not suffer is the zone, or the medium's thread.
            faults.report("a front-end threw at completion", thrown);
        }
    }

    /** Counts in a request that serves one already inside, and is completed by {@link #leave}. */
    void enterWithin() {
        gate.enterWithin();
    }

    void leave() {
        gate.leave();
    }

    void zoneChanged(int zone) {
        for (DeviceListener listener : listeners) {
            try {
                listener.zoneChanged(zone);
            } catch (RuntimeException thrown) {
                faults.report("a listener threw", thrown);
            }
        }
    }
}
