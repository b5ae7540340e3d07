using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Writing;

/// <summary>Puts a model into its file; constants of models that a protobuf message cannot hold go into a file beside it.</summary>
internal static class ModelFile
{
    /// <summary>Largest message, in bytes, that readers of protobuf take.</summary>
    private const long LargestMessage = int.MaxValue;

    private const int LeastExternal = 1024;
    private const int Alignment = 64;

    public static void Write(OnnxModel model, ModelSink sink, long largest = LargestMessage)
    {
        MessageBuilder whole = new ModelEncoder().Encode(model);
        if (whole.Length <= largest)
        {
            ModelEncoder.Write(whole, sink.Main);
            return;
        }
        string name = $"{sink.Name}.data";
        Stream data = sink.Create(name);
        long position = 0;
        var encoder = new ModelEncoder(content =>
        {
            if (content.Length < LeastExternal)
                return null;
            int gap = (int)((Alignment - (position % Alignment)) % Alignment);
            data.Write(new byte[gap]);
            long offset = position + gap;
            data.Write(content.Span);
            position = offset + content.Length;
            return (name, offset);
        });
        ModelEncoder.Write(encoder.Encode(model), sink.Main);
        data.Flush();
    }
}
