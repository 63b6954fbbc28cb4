using System.Net;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>One request that went to the wire, without its secrets.</summary>
internal sealed class HarEntry
{
    private long _bodyBytes = -1;
    private long _receiveTicks = -1;

    public HarEntry(WireRequest wire, DateTimeOffset startedAt)
    {
        StartedAt = startedAt;
        Method = wire.Method.Method;
        Url = Redactor.Redact(RequestUrl.Text(wire.RequestUri!));
        RequestVersion = wire.Version;
        RequestHeaders = Fields(wire.Headers, wire.Content?.Headers);
        RequestBodyBytes = wire.Content is null ? 0 : wire.Content.Headers.ContentLength ?? -1;
    }

    /// <summary>The bodies; null where none is to be kept, or there is none.</summary>
    public HarBody? RequestBody { get; set; }

    public HarBody? Body { get; set; }

    public DateTimeOffset StartedAt { get; }

    public string Method { get; }

    public string Url { get; }

    public Version RequestVersion { get; }

    public KeyValuePair<string, string>[] RequestHeaders { get; }

    public long RequestBodyBytes { get; }

    /// <summary>0 where there was no answer.</summary>
    public int Status { get; private set; }

    public string Reason { get; private set; } = "";

    public Version? Version { get; private set; }

    public KeyValuePair<string, string>[] Headers { get; private set; } = [];

    /// <summary>The failure's code, where there was no answer.</summary>
    public string? Failure { get; private set; }

    public TimeSpan? Resolve { get; private set; }

    public TimeSpan? Connect { get; private set; }

    public TimeSpan? Tls { get; private set; }

    public string? Address { get; private set; }

    /// <summary>From the request to the answer's fields, a new connection's time included.</summary>
    public TimeSpan FirstByte { get; private set; }

    /// <summary>Of the body as it came over the wire; -1 where it was not read to its end.</summary>
    public long BodyBytes => Volatile.Read(ref _bodyBytes);

    public TimeSpan? Receive => Volatile.Read(ref _receiveTicks) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    public void Answered(HttpResponseMessage message, WireRequest wire, TimeSpan elapsed)
    {
        Status = (int)message.StatusCode;
        Reason = message.ReasonPhrase ?? "";
        Version = message.Version;
        Headers = Fields(message.Headers, message.Content.Headers);
        Ended(wire, elapsed);
    }

    public void Failed(string code, WireRequest wire, TimeSpan elapsed)
    {
        Failure = code;
        Ended(wire, elapsed);
    }

    public void BodyEnded(long bytes, bool isWhole, TimeSpan elapsed)
    {
        Volatile.Write(ref _receiveTicks, elapsed.Ticks);
        Volatile.Write(ref _bodyBytes, isWhole ? bytes : -1);
    }

    private void Ended(WireRequest wire, TimeSpan elapsed)
    {
        FirstByte = elapsed;
        Address = (wire.Connection?.Trace.Remote as IPEndPoint)?.Address.ToString();
        if (wire.Connection is null || wire.IsReused)
            return;
        var trace = wire.Connection.Trace;
        (Resolve, Connect, Tls) = (trace.Resolve, trace.Connect, trace.Tls);
    }

    private static KeyValuePair<string, string>[] Fields(System.Net.Http.Headers.HttpHeaders headers, System.Net.Http.Headers.HttpHeaders? more)
    {
        var fields = new List<KeyValuePair<string, string>>();
        foreach (var (name, values) in more is null ? headers.NonValidated : headers.NonValidated.Concat(more.NonValidated))
        {
            foreach (var value in values)
                fields.Add(new(name, Redactor.IsSecretHeader(name, value) ? Redactor.Mask : Redactor.Redact(value)));
        }
        return [.. fields];
    }
}
