namespace TransformFramework.Host.Execution;

/// <summary>A value for an input cannot be made of what was given.</summary>
internal sealed class FeedException(string message, Exception? inner = null) : Exception(message, inner);
