using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Onnx.Reading;

/// <summary>Tells ONNX files from others by their first fields.</summary>
internal static class ModelDetection
{
    private const int HeadLength = 4096;
    private const ulong NewestIrVersion = 255;

    /// <summary>True when the fields at the beginning are those of a <c>ModelProto</c> up to its graph, broken or not behind.</summary>
    public static bool IsModel(ModelSourceFile file)
    {
        if (file.Length < 4)
            return false;
        ReadOnlyMemory<byte> head = file.Slice(0, (int)Math.Min(file.Length, HeadLength));
        var reader = new WireReader(head);
        bool hasVersion = false;
        try
        {
            while (reader.Next())
            {
                switch (reader.Field, reader.Type)
                {
                    case (1, WireType.Varint) when reader.Varint() is > 0 and <= NewestIrVersion:
                        hasVersion = true;
                        break;
                    case (7, WireType.Bytes):
                        return hasVersion;
                    case (5, WireType.Varint):
                        reader.Varint();
                        break;
                    case (2 or 3 or 4 or 6, WireType.Bytes):
                        reader.String();
                        break;
                    case (8 or 14 or 25, WireType.Bytes):
                        reader.Bytes();
                        break;
                    default:
                        return false;
                }
            }
        }
        catch (ModelFormatException)
        {
            return false;
        }
        return false;
    }

    /// <summary>The error with the file's name before it.</summary>
    public static ModelFormatException Named(ModelSource source, ModelFormatException error)
    {
        bool isWire = error.DiagnosticId == AbstractionsDiagnostics.MalformedMessage.Id;
        string message = isWire ? $"the file is cut short or damaged: {error.Message}" : error.Message;
        return new($"{source.Path}: {message}", error)
        {
            DiagnosticId = isWire ? OnnxDiagnostics.Malformed.Id : error.DiagnosticId,
            Suggestion = isWire ? "Copy or export the file again." : error.Suggestion,
        };
    }
}
