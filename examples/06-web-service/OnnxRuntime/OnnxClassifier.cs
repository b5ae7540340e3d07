using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace TransformFramework.Examples;

/// <summary>The same by ONNX Runtime: inputs and outputs are used again, one thread a run.</summary>
internal sealed class OnnxClassifier : IDisposable
{
    private const int Classes = 10;

    private readonly ConcurrentBag<Buffers> pool = [];
    private readonly InferenceSession session;
    private readonly RunOptions options = new();

    public OnnxClassifier(string model)
    {
        using var choices = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        session = new InferenceSession(model, choices);
    }

    /// <summary>The most likely digits of an image.</summary>
    public Class[] Classify(Image image)
    {
        Buffers buffers = pool.TryTake(out Buffers? used) ? used : new();
        image.Resize(buffers.Pixels);
        session.Run(options, session.InputNames, [buffers.Input], session.OutputNames, [buffers.Output]);
        Class[] classes = Class.Best(buffers.Scores);
        pool.Add(buffers);
        return classes;
    }

    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
    }

    private sealed class Buffers
    {
        public Buffers()
        {
            Input = OrtValue.CreateTensorValueFromMemory(Pixels, [1, Image.Side, Image.Side, 1]);
            Output = OrtValue.CreateTensorValueFromMemory(Scores, [1, Classes]);
        }

        public float[] Pixels { get; } = new float[Image.Side * Image.Side];

        public float[] Scores { get; } = new float[Classes];

        public OrtValue Input { get; }

        public OrtValue Output { get; }
    }
}
