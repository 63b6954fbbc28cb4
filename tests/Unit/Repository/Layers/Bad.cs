// Code that breaks the layers in every way that LayerTests must see. Nothing calls it.
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers.Bad
{
    internal sealed class Vocabulary
    {
        public static void Signature(Http.Client client) => _ = client;
    }
}

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers.Bad.Security
{
    internal sealed class Policy
    {
        private readonly FileStream? _file = null;

        [Transport.Mark]
        public bool Marked => _file is null;

        public static AddressFamily Family => AddressFamily.InterNetwork;

        public static void Log(object logger) => ((ILogger)logger).LogInformation("asked");
    }
}

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers.Bad.Transport
{
    [AttributeUsage(AttributeTargets.All)]
    internal sealed class MarkAttribute : Attribute;

    internal class Dialer
    {
        public static int Retries() => new Dictionary<string, List<Resilience.Retry>>().Count;
    }
}

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers.Bad.Resilience
{
    internal sealed class Retry : Transport.Dialer;
}

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers.Bad.Http
{
    internal sealed class Client
    {
        public static IEnumerable<Func<string?>> Lazily()
        {
            yield return () => new WebSockets.Socket().ToString();
        }
    }
}

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers.Bad.Http.Protocol
{
    internal static class Parser
    {
        public static Task WaitAsync() => Task.CompletedTask;

        public static int Read(object source) => ((Stream)source).ReadByte();

        public static object Open() => new Socket(SocketType.Stream, ProtocolType.Tcp);

        public static Type Owner() => typeof(Client);
    }
}

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers.Bad.WebSockets
{
    internal sealed class Socket;
}

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers.Bad.Elsewhere
{
    internal sealed class Stray;
}
