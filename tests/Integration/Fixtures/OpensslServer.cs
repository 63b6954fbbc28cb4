using System.Security.Cryptography.X509Certificates;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary><c>openssl s_server</c> with a certificate and switches of a test's choice; answers every request with a status page.</summary>
internal static class OpensslServer
{
    /// <param name="certificate">The certificate with its key.</param>
    /// <param name="chain">What is sent after it.</param>
    /// <param name="switches">More arguments.</param>
    /// <returns>The server and its port.</returns>
    public static async Task<(ServerProcess Process, int Port)> StartAsync(X509Certificate2 certificate, X509Certificate2Collection chain, params string[] switches)
    {
        var folder = new ServerFolder();
        var port = ServerProcess.FreePort();
        var pem = folder.Write("cert.pem", certificate.ExportCertificatePem() + "\n");
        var keyPem = certificate.GetRSAPrivateKey() is { } rsa ? rsa.ExportPkcs8PrivateKeyPem() : certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        var key = folder.Write("key.pem", keyPem + "\n");
        List<string> arguments = ["s_server", "-accept", $"127.0.0.1:{port}", "-cert", pem, "-key", key, "-www", "-quiet", .. switches];
        if (chain.Count > 0)
            arguments.AddRange(["-cert_chain", folder.Write("chain.pem", string.Concat(chain.Select(c => c.ExportCertificatePem() + "\n")))]);
        return (await ServerProcess.StartAsync(folder, port, "/usr/bin/openssl", [.. arguments]), port);
    }
}
