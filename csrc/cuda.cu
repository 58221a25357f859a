#include "cuda.h"

extern const GtPhilox gt_philox_cuda;
extern const GtPairwise gt_pairwise_float_cuda, gt_pairwise_double_cuda;
extern const GtSpectral gt_spectral_float_cuda, gt_spectral_double_cuda;
extern const GtSinkhorn gt_sinkhorn_float_cuda, gt_sinkhorn_double_cuda;

const GtCudaTables* gt_cuda_tables() {
    static const GtCudaTables tables = {&gt_philox_cuda,
                                        {&gt_pairwise_float_cuda, &gt_pairwise_double_cuda},
                                        {&gt_spectral_float_cuda, &gt_spectral_double_cuda},
                                        {&gt_sinkhorn_float_cuda, &gt_sinkhorn_double_cuda}};
    return &tables;
}
