using Codomyrmex.Networking.Ssh.Internal;

namespace Codomyrmex.Networking.Ssh;

public sealed partial class SSHClient
{
    private readonly SemaphoreSlim _openingFiles = new(1);
    private SftpFileSystem? _files;

    /// <summary>Opens an SFTP session of the caller's own. <see cref="UploadAsync"/> and <see cref="DownloadAsync"/> share one of the client's.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="SSHException">The server does not offer SFTP (<c>ssh.channel</c>), or the connection was lost.</exception>
    public async Task<SftpFileSystem> OpenSftpAsync(CancellationToken cancellationToken = default)
    {
        var link = await LinkAsync(cancellationToken).ConfigureAwait(false);
        var start = new SessionStart("subsystem", "sftp", NoVariables, null);
        var channel = await start.RunAsync(link, (channel, places) => new SftpConnection(channel, places, Options.Timeouts, Options.Clock), SftpConnection.Window, Options.Timeouts.FirstByte, Options.Clock, cancellationToken).ConfigureAwait(false);
        var connection = (SftpConnection)channel.Reader;
        try
        {
            await connection.GreetAsync(cancellationToken).WaitAsync(Options.Timeouts.FirstByte, Options.Clock, cancellationToken).ConfigureAwait(false);
            return new SftpFileSystem(this, connection);
        }
        catch (Exception error)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw error is TimeoutException ? SftpIdle.Failure(Endpoint, Options.Timeouts.FirstByte) : error;
        }
    }

    /// <summary>Sends a file. It appears under its name whole or not at all.</summary>
    /// <param name="localPath">The local file.</param>
    /// <param name="remotePath">Where to: a file's path, or a directory, which then gets a file of the local name.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="SftpException">The server refuses it, or the file exists (<c>sftp.exists</c>).</exception>
    /// <exception cref="NetworkException">The local file cannot be read (<c>local.io</c>), or what came to be there is not the same (<c>transfer.mismatch</c>).</exception>
    public async Task<SftpTransferResult> UploadAsync(string localPath, string remotePath, SftpTransferOptions? options = null, CancellationToken cancellationToken = default)
    {
        var files = await FilesAsync(cancellationToken).ConfigureAwait(false);
        return await files.UploadAsync(localPath, remotePath, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches a file. It appears under its name whole or not at all.</summary>
    /// <param name="remotePath">The remote file.</param>
    /// <param name="localPath">Where to: a file's path, or a directory, which then gets a file of the remote name.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="SftpException">The server refuses it, or the file ended early (<c>sftp.truncated</c>).</exception>
    /// <exception cref="NetworkException">The local file cannot be written (<c>local.io</c>) or exists (<c>local.exists</c>), or the remote one changed meanwhile (<c>transfer.changed</c>).</exception>
    public async Task<SftpTransferResult> DownloadAsync(string remotePath, string localPath, SftpTransferOptions? options = null, CancellationToken cancellationToken = default)
    {
        var files = await FilesAsync(cancellationToken).ConfigureAwait(false);
        return await files.DownloadAsync(remotePath, localPath, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The client's own session, made when it is first needed and made again where it was lost.</summary>
    internal async ValueTask<SftpFileSystem> FilesAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Volatile.Read(ref _files) is { IsOpen: true } open)
            return open;
        await _openingFiles.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_files is { IsOpen: true } meanwhile)
                return meanwhile;
            // One that the server has ended has a place among the sessions until it is closed here too.
            if (_files is { } dead)
                await dead.DisposeAsync().ConfigureAwait(false);
            var files = await OpenSftpAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _files, files);
            return files;
        }
        finally
        {
            _openingFiles.Release();
        }
    }
}
