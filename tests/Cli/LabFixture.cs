using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli;

/// <summary>The servers that commands are run against.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    public LoopbackServer Http { get; } = LabEndpoints.MapTo(LoopbackServer.Start());

    public LoopbackServer Https { get; private set; } = null!;

    public string CaFile { get; } = Path.GetTempFileName();

    public ValueTask InitializeAsync()
    {
        using var authority = new TestCertificateAuthority();
        authority.WriteRootPem(CaFile);
        Https = LabEndpoints.MapTo(LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } }));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Http.DisposeAsync();
        await Https.DisposeAsync();
        File.Delete(CaFile);
    }

    /// <summary>A port of this machine that nobody listens on.</summary>
    public static async Task<int> ClosedPortAsync()
    {
        await using var gone = LoopbackServer.Start();
        return gone.Port;
    }

    /// <summary>A server with one answer, for every path.</summary>
    public static LoopbackServer Answering(byte[] body, string? contentType, int status = 200) =>
        LoopbackServer.Start().Map("*", "/{**any}", exchange => exchange.RespondAsync(status, body, contentType));
}
