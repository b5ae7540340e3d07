using Microsoft.Extensions.Logging;

namespace TransformFramework.Extensions;

/// <summary>Messages about sessions.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(EventId = 4900, Level = LogLevel.Information, Message = "Session '{Session}' is loaded: {Nodes} nodes, format {Format}")]
    public static partial void Loaded(ILogger logger, string session, int nodes, string format);

    [LoggerMessage(EventId = 4901, Level = LogLevel.Warning, Message = "Session '{Session}': {Id} {Text}")]
    public static partial void Noticed(ILogger logger, string session, string id, string text);
}
