package io.zonewright.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Some benchmarks, for a moment and in this process: each checks the outcome of all its requests and fails otherwise. The
 * figures mean nothing here.
 */
@Timeout(60)
class BenchmarksRunTest {
    private static final TimeValue MOMENT = TimeValue.milliseconds(50);

    @Test
    void everyClassHasItsBenchmarks() {
        List<String> names = BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
                .stream()
                .map(BenchmarkListEntry::getUsername)
                .map(name -> name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1))
                .sorted()
                .toList();
        assertEquals(
                List.of(
                        "CeilingBenchmark.read128k",
                        "CeilingBenchmark.read4k",
                        "CeilingBenchmark.write128k",
                        "CeilingBenchmark.write4k",
                        "EngineBenchmark.append",
                        "EngineBenchmark.read",
                        "EngineBenchmark.refusedWrite",
                        "EngineBenchmark.twoThreadsAppendToOneZone",
                        "EngineBenchmark.twoThreadsWriteZonesOfTheirOwn",
                        "EngineBenchmark.writeManyZones",
                        "EngineBenchmark.writeOneZone",
                        "NullZonedBenchmark.append",
                        "NullZonedBenchmark.read",
                        "NullZonedBenchmark.twoThreadsRead",
                        "NullZonedBenchmark.twoThreadsWrite",
                        "NullZonedBenchmark.write",
                        "PackedVirtqueueBenchmark.takeCompletePublish",
                        "ScsiBenchmark.scsiRead4k",
                        "ScsiBenchmark.scsiWrite4k",
                        "VirtioBlkBenchmark.append4k",
                        "VirtioBlkBenchmark.read128k",
                        "VirtioBlkBenchmark.read4k",
                        "VirtioBlkBenchmark.write128k",
                        "VirtioBlkBenchmark.write4k",
                        "VirtqueueBenchmark.takeCompletePublish"),
                names);
    }

    @Test
    void requestsFromRingToMediumSucceed() throws RunnerException {
        assertRuns(5, options("VirtioBlkBenchmark").param("data", "keep"));
    }

    @Test
    void chainsOfEveryShapeComeBack() throws RunnerException {
        assertRuns(3, options("VirtqueueBenchmark").param("batch", "32"));
    }

    @Test
    void packedChainsOfEveryShapeComeBack() throws RunnerException {
        assertRuns(3, options("PackedVirtqueueBenchmark").param("batch", "32"));
    }

    @Test
    void scsiCommandsReachTheMedium() throws RunnerException {
        assertRuns(2, options("ScsiBenchmark").param("zones", "64"));
    }

    @Test
    void theEngineAdmitsAndRefuses() throws RunnerException {
        assertRuns(7, options("EngineBenchmark").param("zones", "64"));
    }

    private static ChainedOptionsBuilder options(String benchmarks) {
        return new OptionsBuilder()
                .include("\\." + benchmarks + "\\.")
                .forks(0)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(MOMENT);
    }

    private static void assertRuns(int count, ChainedOptionsBuilder options) throws RunnerException {
        Options built = options.build();
        Collection<RunResult> results = new Runner(built).run();
        assertEquals(count, results.size());
        for (RunResult result : results) {
            double score = result.getPrimaryResult().getScore();
            assertTrue(score > 0 && score < 1e9, result.getParams() + ": " + score + " ns a request");
        }
    }
}
