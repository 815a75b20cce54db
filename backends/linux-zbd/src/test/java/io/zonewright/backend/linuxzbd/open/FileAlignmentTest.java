package io.zonewright.backend.linuxzbd.open;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.kernel.FakeKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAlignmentTest {
    private final FakeKernel kernel;
    private final Path file;

    FileAlignmentTest(@TempDir Path root) throws IOException {
        kernel = new FakeKernel(root);
        file = root.resolve("file");
        Files.write(file, new byte[16384]);
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    private FileAlignment found() throws IOException {
        Posix posix = kernel.posix();
        try (Fd fd = posix.open(file, Linux.O_RDWR, 0)) {
            return FileAlignment.of(posix, fd, true);
        }
    }

    @Test
    void theFileSystemsWordCounts() throws IOException {
        kernel.directAlignment(4, 512);
        assertEquals(new FileAlignment(512, 4), found());
        kernel.directAlignment(512, 4096);
        assertEquals(new FileAlignment(4096, 512), found());
        kernel.directAlignment(1, 1);
        assertEquals(new FileAlignment(512, 1), found());
    }

    /** The file is open without O_DIRECT here, so every read works. */
    @Test
    void withoutAWordThatCanBeItIsTried() throws IOException {
        FileAlignment tried = new FileAlignment(512, 512);
        kernel.directAlignment(-1, -1);
        assertEquals(tried, found());
        kernel.directAlignment(0, 0);
        assertEquals(tried, found());
        kernel.directAlignment(512, 65536);
        assertEquals(tried, found());
        kernel.directAlignment(3, 512);
        assertEquals(tried, found());
    }

    @Test
    void withoutDirectInputNothingNeedsAlignment() throws IOException {
        Posix posix = kernel.posix();
        try (Fd fd = posix.open(file, Linux.O_RDWR, 0)) {
            assertEquals(new FileAlignment(512, 1), FileAlignment.of(posix, fd, false));
        }
    }
}
