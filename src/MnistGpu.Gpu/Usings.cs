global using Matrix = ILGPU.Runtime.ArrayView2D<float, ILGPU.Stride2D.DenseY>;
global using Vector = ILGPU.ArrayView<float>;
