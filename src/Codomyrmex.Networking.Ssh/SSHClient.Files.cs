namespace Codomyrmex.Networking.Ssh;

public sealed partial class SSHClient
{
    private IAsyncDisposable? _files;
}
