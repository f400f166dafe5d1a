import { openEngine } from '@iris-drs/kernels';
import { runConfigured, stepLookup } from '@iris-drs/pipelines';
import { configure } from '@iris-drs/stpipe';
const cwd='/work/scratch/h8/bench';
const t00=performance.now();
const engine=await openEngine();
console.log('openEngine',performance.now()-t00);
const acc:Record<string,[number,number,number]>={};
const wrapped=new Proxy(engine,{get(t,k){const v=(t as any)[k]; if(typeof v!=='function')return v; return (...a:any[])=>{const c0=process.cpuUsage(),t0=performance.now(); const done=(r:any)=>{const c=process.cpuUsage(c0);const e=acc[String(k)]??=[0,0,0];e[0]+=performance.now()-t0;e[1]+=(c.user+c.system)/1000;e[2]++;return r}; const r=v.apply(t,a); return r instanceof Promise? r.then(done):done(r)}}});
for(let n=0;n<4;n++){
 for(const k in acc)delete acc[k];
 const c0=process.cpuUsage(),t0=performance.now();
 const configured=configure({target:'Image2Pipeline',options:[['steps.dark_current.override_dark','dark.fits'],['steps.flat_field.override_flat','flat.fits'],...['assign_wcs','photom','resample'].map(s=>['steps.'+s+'.skip','True'] as [string,string])],steps:stepLookup,cwd});
 await runConfigured({configured,inputs:['asn.json'],cwd,engine:wrapped,references:undefined,log:()=>{}, ...(process.argv[2]?{stripPixels:Number(process.argv[2])}:{})});
 const c=process.cpuUsage(c0); console.log('run',n,(performance.now()-t0).toFixed(0),'ms; cpu user',(c.user/1000).toFixed(0),'sys',(c.system/1000).toFixed(0),'rss',(process.memoryUsage.rss()/2**20).toFixed(0),'peak',(engine.pool.peakBytes/2**20).toFixed(0));
}
for(const [k,v] of Object.entries(acc).sort((a,b)=>b[1][0]-a[1][0]))console.log(k,'wall',v[0].toFixed(1),'cpu',v[1].toFixed(1),'n',v[2]);
await engine.close();
