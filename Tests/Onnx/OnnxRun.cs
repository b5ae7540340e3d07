using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using TransformFramework.Graphs;

namespace TransformFramework.Onnx;

/// <summary>Exports a graph and runs the file in ONNX Runtime.</summary>
internal static class OnnxRun
{
    public static Dictionary<string, Tensor> Run(Graph graph, IReadOnlyDictionary<string, Tensor> feeds, params string[] outputs)
    {
        using var file = new MemoryStream();
        new OnnxFormat().Write(graph, [.. feeds.Keys], outputs, file, CancellationToken.None);
        return Run(file.ToArray(), feeds);
    }

    public static Dictionary<string, Tensor> Run(byte[] file, IReadOnlyDictionary<string, Tensor> feeds)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(file, options);
        using var run = new RunOptions();
        Dictionary<string, OrtValue> values = feeds.ToDictionary(feed => feed.Key, feed => Value(feed.Value));
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, [.. values.Keys], [.. values.Values], session.OutputNames);
        Dictionary<string, Tensor> tensors = session.OutputNames.Zip(results).ToDictionary(pair => pair.First, pair => Result(pair.Second));
        foreach (OrtValue value in values.Values)
            value.Dispose();
        return tensors;
    }

    /// <summary>Names of the inputs of a model.</summary>
    public static string[] InputsOf(byte[] file)
    {
        using var session = new InferenceSession(file);
        return [.. session.InputNames];
    }

    private static OrtValue Value(Tensor tensor)
    {
        long[] dimensions = [.. tensor.Shape.Dimensions];
        return tensor.Type switch
        {
            DataType.Float => OrtValue.CreateTensorValueFromMemory(tensor.AsSpan<float>().ToArray(), dimensions),
            DataType.Int32 => OrtValue.CreateTensorValueFromMemory(tensor.AsSpan<int>().ToArray(), dimensions),
            DataType.Int64 => OrtValue.CreateTensorValueFromMemory(tensor.AsSpan<long>().ToArray(), dimensions),
            DataType.Bool => OrtValue.CreateTensorValueFromMemory(tensor.AsSpan<bool>().ToArray(), dimensions),
            DataType.QUInt8 or DataType.UInt8 => OrtValue.CreateTensorValueFromMemory(tensor.AsSpan<byte>().ToArray(), dimensions),
            _ => throw new ArgumentException($"no value of type {tensor.Type}", nameof(tensor)),
        };
    }

    private static Tensor Result(OrtValue value)
    {
        if (value.GetTensorTypeAndShape().ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.String)
            return Tensor.FromStrings(TensorShape.Of(value.GetTensorTypeAndShape().Shape), [.. value.GetStringTensorAsArray().Select(Encoding.UTF8.GetBytes)]);
        var info = value.GetTensorTypeAndShape();
        TensorShape shape = TensorShape.Of(info.Shape);
        return info.ElementDataType switch
        {
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float => Tensor.Create(DataType.Float, shape, value.GetTensorDataAsSpan<float>()),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int32 => Tensor.Create(DataType.Int32, shape, value.GetTensorDataAsSpan<int>()),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64 => Tensor.Create(DataType.Int64, shape, value.GetTensorDataAsSpan<long>()),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int8 => Tensor.Create(DataType.QInt8, shape, value.GetTensorDataAsSpan<sbyte>()),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Bool => Tensor.Create(DataType.Bool, shape, value.GetTensorDataAsSpan<bool>()),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.UInt8 => Tensor.Create(DataType.QUInt8, shape, value.GetTensorDataAsSpan<byte>()),
            var other => throw new ArgumentException($"no tensor of type {other}", nameof(value)),
        };
    }
}
