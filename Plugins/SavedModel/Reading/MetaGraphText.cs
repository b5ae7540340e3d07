using System.Text;
using TransformFramework.Toolkit.Protobuf.Schemas;
using TransformFramework.Toolkit.Protobuf.Text;

namespace TransformFramework.SavedModel.Reading;

/// <summary>The text form of SavedModels and meta graphs.</summary>
internal static class MetaGraphText
{
    /// <summary>The binary form of a message that may be text.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The text is malformed; the message begins with line and column.</exception>
    public static ReadOnlyMemory<byte> ToBinary(ReadOnlyMemory<byte> content, bool isSavedModel)
    {
        ReadOnlyMemory<byte> text = content.Span.StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content;
        return IsText(text.Span) ? new TextParser(text).Parse(ProtoSchema.Message(isSavedModel ? "SavedModel" : "MetaGraphDef")) : content;
    }

    /// <summary>Text begins with the name of a field or a comment; the first bytes of the binary form are tags and lengths.</summary>
    private static bool IsText(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> head = content[..Math.Min(content.Length, 64)].TrimStart(" \t\r\n"u8);
        return head.Length > 4 && (head[0] == '#' || (char.IsAsciiLetter((char)head[0]) && head[..4].IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0));
    }
}
