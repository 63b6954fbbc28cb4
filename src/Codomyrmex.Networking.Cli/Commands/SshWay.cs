using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>A client of the host that a command is about, connected.</summary>
internal sealed class SshWay : IAsyncDisposable
{
    private readonly List<SSHClient> _clients = [];

    private SshWay()
    {
    }

    /// <summary>The client of the host itself.</summary>
    public SSHClient Client => _clients[^1];

    public static async Task<SshWay> OpenAsync(Invocation run, SshTarget target)
    {
        var way = new SshWay();
        try
        {
            var settings = await SshSettings.ReadAsync(run, target);
            foreach (var jump in settings.Jumps)
                await way.AddAsync(await SshSettings.ReadAsync(run, jump, isJump: true), run);
            await way.AddAsync(settings, run);
            return way;
        }
        catch (ArgumentException wrong) when (wrong is not ArgumentNullException)
        {
            await way.DisposeAsync();
            throw new UsageException(RequestReader.WithoutParameter(wrong), target.ToString(), wrong);
        }
        catch
        {
            await way.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the connections, the farthest first.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = _clients.Count - 1; i >= 0; i--)
            await _clients[i].DisposeAsync();
    }

    // Each host is judged by its own key, whatever lies before it; the first alone is dialled from here.
    private async Task AddAsync(SshSettings settings, Invocation run)
    {
        var options = settings.Options;
        if (_clients.Count > 0)
            options = options with { Transport = options.Transport with { DialOver = Client.DialAsync, Proxy = null, Proxies = null } };
        _clients.Add(new SSHClient(settings.Host, settings.User, options));
        await Client.ConnectAsync(run.Context.Interrupted);
    }
}
