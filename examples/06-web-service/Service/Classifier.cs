using System.Collections.Concurrent;
using TransformFramework.Engine;

namespace TransformFramework.Examples;

/// <summary>Images in, classes out. Each request has buffers of its own while it runs; they are used again.</summary>
internal sealed class Classifier(Session session)
{
    private readonly ConcurrentBag<SessionBuffers> pool = [];

    /// <summary>The most likely digits of an image.</summary>
    public Class[] Classify(Image image, CancellationToken cancellation)
    {
        SessionBuffers buffers = pool.TryTake(out SessionBuffers? used) ? used : session.CreateBuffers();
        image.Resize(buffers.Input<float>(session.Inputs[0].Name));
        buffers.Run(cancellation);
        Class[] classes = Class.Best(buffers.Output<float>(session.Outputs[0].Name));
        pool.Add(buffers);
        return classes;
    }
}
