using TransformFramework.Engine.PluginLoading;
using TransformFramework.Servers.Mcp;

namespace TransformFramework.Servers.Tests;

public sealed class BoundedLinesTests
{
    [Fact]
    public async Task A_message_that_is_too_long_ends_the_server()
    {
        byte[] message = new byte[(4 << 20) + 1];
        Array.Fill(message, (byte)' ');
        using var input = new MemoryStream(message);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => GraphMcpServer.RunAsync(input, Stream.Null, PluginCatalog.Discover([]), new AllowedFolders([Path.GetTempPath()]), "1", CancellationToken.None));
        Assert.Contains("more than 4 MiB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_short_messages_are_read()
    {
        byte[] message = new byte[(4 << 20) + 1];
        for (int i = 0; i < message.Length; i++)
            message[i] = (byte)(i % 1000 == 999 ? '\n' : ' ');
        using var input = new MemoryStream(message);
        await GraphMcpServer.RunAsync(input, Stream.Null, PluginCatalog.Discover([]), new AllowedFolders([Path.GetTempPath()]), "1", CancellationToken.None);
    }
}
