using TransformFramework.Diagnostics;

namespace TransformFramework.Plugins;

/// <summary>Takes diagnostics of code that has no <see cref="Transforms.TransformContext"/>: kernels, backends, model formats. A class of a plugin asks for it in its constructor. Thread-safe.</summary>
public interface IDiagnosticLog
{
    void Report(Diagnostic diagnostic);
}
