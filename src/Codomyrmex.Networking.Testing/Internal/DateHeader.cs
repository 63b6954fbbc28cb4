using System.Globalization;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The value of Date (RFC 9110, section 5.6.7), rendered once a second.</summary>
internal sealed class DateHeader(TimeProvider clock)
{
    /// <summary>How long the value always is.</summary>
    public const int Length = 29;

    private sealed record Rendered(long Second, byte[] Bytes);

    private Rendered _last = new(-1, []);

    public void CopyTo(Span<byte> destination)
    {
        var now = clock.GetUtcNow();
        var second = now.UtcTicks / TimeSpan.TicksPerSecond;
        var last = _last;
        if (last.Second != second)
            _last = last = new Rendered(second, System.Text.Encoding.ASCII.GetBytes(now.ToString("R", CultureInfo.InvariantCulture)));
        last.Bytes.CopyTo(destination);
    }
}
