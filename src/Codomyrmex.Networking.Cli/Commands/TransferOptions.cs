using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of commands that transfer files.</summary>
internal static class TransferOptions
{
    public static readonly Option Output = new("--output", "FILE|DIR", "the file to write, or the folder for it (default: the server's name for it, here)") { Short = "-o", IsFile = true };
    public static readonly Option Overwrite = new("--overwrite", null, "replace the file where it exists");
    public static readonly Option Resume = new("--resume", null, "go on where an interrupted run stopped, if the file is still the same there");
    public static readonly Option Sha256 = new("--sha256", "HEX", "the SHA-256 that the file must have; another leaves nothing");
    public static readonly Option Parallel = new("--parallel", "N", "fetch over at most N connections, 1 to 32, where the server gives ranges (default 1)");

    // Files take as long as they take; answers do not.
    public static readonly Option Timeout = new("--timeout", "D", "total deadline: 500ms, 10s, 2m; a bare number is seconds (default none)");

    public static readonly OptionGroup File = new("File", [Output, Overwrite, Resume, Sha256, Parallel, HttpOptions.MaxSize.Saying("refuse a longer file: bytes, or with k, M, G (default: any)")]);
    public static readonly OptionGroup Request = new("Request",
        [HttpOptions.Header, HttpOptions.Auth, HttpOptions.PasswordFile, HttpOptions.BearerEnv, HttpOptions.Http11, HttpOptions.Http2, HttpOptions.Http3, HttpOptions.MaxRedirects]);
    public static readonly OptionGroup Time = new("Time", [Timeout, ConnectionOptions.ConnectTimeout, ConnectionOptions.IdleTimeout, ConnectionOptions.Retry.Saying("attempts after the first (default 2)")]);
}
