/**
 * Every native call of Zonewright. This is the only module that is given native access:
 * {@code --enable-native-access=io.zonewright.posix --illegal-native-access=deny}.
 */
module io.zonewright.posix {
    requires static transitive org.jspecify;

    exports io.zonewright.posix;
    exports io.zonewright.posix.fake;
    exports io.zonewright.posix.uring;
}
