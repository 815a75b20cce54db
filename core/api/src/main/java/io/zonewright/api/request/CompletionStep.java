package io.zonewright.api.request;

/** A layer between front-end and back-end that wants to see a request come back: see {@link DeviceRequest#push}. */
@FunctionalInterface
public interface CompletionStep {
    /**
     * The layer below is done with the request. The layer owns the request again and must in the end call
     * {@link DeviceRequest#complete} (now or later, on any thread), or hand the request down again.
     *
     * @param context the number given to {@link DeviceRequest#push}
     */
    void completed(DeviceRequest request, long context);
}
