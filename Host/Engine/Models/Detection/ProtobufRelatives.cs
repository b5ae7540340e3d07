using System.Text;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Engine.Models.Detection;

/// <summary>Recognizes protobuf messages that could be read as a GraphDef without being one.</summary>
internal static class ProtobufRelatives
{
    private const int FarthestLook = 1 << 16;
    private const int VersionFieldOfMetaInfo = 5;

    public static ForeignFormat? Identify(ModelSourceFile source)
    {
        ReadOnlySpan<byte> head = source.Slice(0, (int)Math.Min(source.Length, 3)).Span;
        if (head.Length < 3)
            return null;
        if (head[0] == 0x0A)
            return IsMetaGraph(source) ? ForeignFormat.MetaGraph : null;
        bool isVersionThenMessage = head[0] == 0x08 && head[1] is > 0 and < 0x20 && (head[2] & 7) == (int)WireType.Bytes;
        if (!isVersionThenMessage)
            return null;
        return head[1] == 1 && head[2] == 0x12 ? ForeignFormat.SavedModel : ForeignFormat.Onnx;
    }

    /// <summary>A MetaGraphDef begins with a MetaInfoDef, which has a version text where a node has an attribute.</summary>
    private static bool IsMetaGraph(ModelSourceFile source)
    {
        try
        {
            SourceField first = SourceField.Walk(source, 0, source.Length).First();
            WireReader reader = new(source.View(first.PayloadStart, (int)Math.Min(first.PayloadLength, int.MaxValue)));
            while (reader.Next())
            {
                if (reader.Field == VersionFieldOfMetaInfo && reader.Type == WireType.Bytes)
                    return IsVersion(reader.Bytes().Span);
                reader.Skip();
                if (reader.Offset > FarthestLook && reader.Field != 2)
                    return false;
            }
            return false;
        }
        catch (ModelFormatException)
        {
            return false;
        }
    }

    private static bool IsVersion(ReadOnlySpan<byte> text) =>
        text.Length is > 2 and < 64 && char.IsAsciiDigit((char)text[0]) && Ascii.IsValid(text) && text.Contains((byte)'.');
}
