using System.Text;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Finds credentials where they belong: in the environment, in a file, on standard input, in somebody's head; not among the arguments.</summary>
internal static class Secrets
{
    public static Credential? Read(Invocation run)
    {
        var user = run.Arguments.Text(HttpOptions.Auth);
        var variable = run.Arguments.Text(HttpOptions.BearerEnv);
        if (user is not null && variable is not null)
            throw new UsageException("--auth and --bearer-env exclude each other.", HttpOptions.BearerEnv.Name);
        if (user is null && run.Arguments.Has(HttpOptions.Digest))
            throw new UsageException("--digest needs the user whose password it proves: --auth USER.", HttpOptions.Digest.Name);
        if (variable is not null)
            return Checked(HttpOptions.BearerEnv.Name, () => Credential.Bearer(Variable(run, variable)));
        if (user is not null)
            return OfUser(run, user, run.Arguments.Has(HttpOptions.Digest));
        return run.Arguments.Has(HttpOptions.PasswordFile)
            ? throw new UsageException("--password-file needs the user it belongs to: --auth USER.", HttpOptions.PasswordFile.Name)
            : null;
    }

    /// <summary>The credential that a session refers to, for its one origin.</summary>
    public static Credential? Of(Invocation run, SessionCredential reference) => reference switch
    {
        { BearerEnv: { } variable } => Checked(HttpOptions.Session.Name, () => Credential.Bearer(Variable(run, variable), reference.Origin)),
        { User: { } user } => OfUser(run, user, reference.IsDigest, reference.Origin),
        _ => null,
    };

    private static Credential OfUser(Invocation run, string user, bool isDigest, string? origin = null)
    {
        if (user.Contains(':', StringComparison.Ordinal))
        {
            throw new UsageException("--auth takes the user alone; the password comes from CODONET_PASSWORD, from --password-file, or is asked for.",
                HttpOptions.Auth.Name);
        }
        var password = FromFile(run) ?? run.Context.Environment("CODONET_PASSWORD") ?? run.Context.AskSecret($"Password of {user}: ") ??
            throw new UsageException("--auth: there is no password; set CODONET_PASSWORD or name a --password-file.", HttpOptions.Auth.Name);
        return Checked(HttpOptions.Auth.Name, () => isDigest ? Credential.Digest(user, password, origin: origin) : Credential.Basic(user, password, origin));
    }

    private static string Variable(Invocation run, string name) => run.Context.Environment(name) is { Length: > 0 } token
        ? token.Trim()
        : throw new UsageException($"--bearer-env: the variable {name} is not set.", HttpOptions.BearerEnv.Name);

    private static string? FromFile(Invocation run) => run.Arguments.Read(HttpOptions.PasswordFile, path =>
    {
        using var stream = path == "-" ? run.Context.OpenInput() : File.OpenRead(path);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadLine() ?? "";
    });

    private static Credential Checked(string option, Func<Credential> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException)
        {
            // Not the message: it may quote the secret.
            throw new UsageException($"{option}: the credential has characters that a header field cannot carry.", option);
        }
    }
}
